import type { FrameLocator, Locator, Page } from 'playwright-core';
import type { ExportTarget } from '../../../planner-core/exporters/targets';
import type { Choice } from '../../../planner-core/plan/plan';
import { exportNames } from '../../../planner-core/exporters/targets';
import { until } from './until';

/** A frontier of a large model on a busy machine. */
const planningTimeoutMs = 180_000;

/** Half the width of the slider's thumb: its centre cannot reach the ends of the element. */
const thumbInsetPx = 8;

/** Headroom's view inside an editor tab, through what a user sees and what assistive technology reads. */
export class HeadroomView {
  readonly sentence: Locator;
  readonly slider: Locator;
  readonly budgetField: Locator;
  readonly timeline: Locator;
  /** Of a step on several devices, in the place of the timeline. */
  readonly lanes: Locator;
  readonly frontier: Locator;
  readonly layers: Locator;
  readonly error: Locator;
  /** What is proven, and how far the search for more is. */
  readonly proof: Locator;
  /** The ring that turns while the planner works. */
  readonly activity: Locator;

  constructor(
    readonly page: Page,
    readonly frame: FrameLocator,
  ) {
    this.sentence = frame.locator('#sentence');
    this.slider = frame.locator('#budget-slider');
    this.budgetField = frame.locator('#budget-field');
    this.timeline = frame.locator('#timeline');
    this.lanes = frame.locator('#lanes');
    this.frontier = frame.locator('#frontier');
    this.layers = frame.locator('#layers');
    this.error = frame.locator('#error');
    this.proof = frame.locator('#proof');
    this.activity = frame.locator('.activity');
  }

  /** Waits until the first plan is on screen and the planner rests. */
  async ready(): Promise<void> {
    const error = this.frame.locator('#error:visible');
    const charts = this.frame.locator('#timeline canvas:visible, #lanes canvas:visible');
    await charts.or(error).first().waitFor({ timeout: planningTimeoutMs });
    if (await error.isVisible()) throw new Error(`Headroom reports: ${await error.innerText()}`);
    await until(
      async () => (await this.sentenceText()).length > 0,
      'the sentence is there',
      planningTimeoutMs,
    );
    await this.settled();
  }

  async sentenceText(): Promise<string> {
    return ((await this.sentence.textContent()) ?? '').replace(/\s+/g, ' ').trim();
  }

  /** Number of the host's state that the view shows; it rises with every edit the host has taken. */
  async revision(): Promise<number> {
    return Number(await this.frame.locator('body').getAttribute('data-rev'));
  }

  /** 'proving' while the search for a proof goes on; '' before there is anything to prove. */
  async proofState(): Promise<string> {
    return (await this.proof.getAttribute('data-state')) ?? '';
  }

  async proofText(): Promise<string> {
    // Without the live region, which may still hold what was read out for an earlier budget.
    const parts = await this.proof
      .locator('> .proof-text, > .proof-search:visible, > .proof-note')
      .allInnerTexts();
    return parts.join(' ').replace(/\s+/g, ' ').trim();
  }

  /**
   * Waits until the planner rests: its ring is gone and the revision has not changed for a while, except by what is
   * proven in the background.
   */
  async settled(quietMs = 300): Promise<void> {
    let last = await this.revision();
    let since = Date.now();
    await until(
      async () => {
        const now = await this.revision();
        const isNew = now !== last && (await this.proofState()) !== 'proving';
        if (isNew || (await this.activity.isVisible())) {
          last = now;
          since = Date.now();
        }
        return Date.now() - since > quietMs;
      },
      'the planner rests',
      planningTimeoutMs,
    );
  }

  /**
   * Does something that edits the plan, and waits for the host's acknowledgement: an undo that follows must not
   * overtake the edit on its way.
   */
  async edit(action: () => Promise<void>): Promise<void> {
    const before = await this.revision();
    await action();
    await until(async () => (await this.revision()) > before, 'the host has taken the edit');
    await this.settled();
  }

  /** Drags the slider's thumb with the mouse to a fraction of its track. */
  async dragSlider(fraction: number): Promise<void> {
    await this.slider.scrollIntoViewIfNeeded();
    const box = await this.slider.boundingBox();
    if (!box) throw new Error('the slider is not visible');
    const { value, min, max } = await this.slider.evaluate((element) => {
      const input = element as HTMLInputElement;
      return { value: Number(input.value), min: Number(input.min), max: Number(input.max) };
    });
    const xAt = (at: number): number => box.x + thumbInsetPx + (box.width - 2 * thumbInsetPx) * at;
    const y = box.y + box.height / 2;
    const start = (value - min) / (max - min);
    await this.page.mouse.move(xAt(start), y);
    await this.page.mouse.down();
    await this.page.mouse.move(xAt((start + fraction) / 2), y, { steps: 8 });
    await this.page.mouse.move(xAt(fraction), y, { steps: 8 });
    await this.page.mouse.up();
  }

  /** Energy of a step, J, as the inspector tells it while nothing is selected. */
  async joules(): Promise<number> {
    const energy = /energy\s+([\d.]+) ([mk]?)J/;
    const inspector = this.frame.locator('#inspector');
    await until(async () => energy.test(await inspector.innerText()), 'the energy is told');
    const [, number, prefix] = energy.exec(await inspector.innerText()) ?? [];
    return Number(number) * (prefix === 'k' ? 1000 : prefix === 'm' ? 0.001 : 1);
  }

  async sliderValue(): Promise<number> {
    return Number(await this.slider.inputValue());
  }

  /** The tree grid that has the focus while arrow keys walk its rows. */
  get grid(): Locator {
    return this.layers.getByRole('treegrid');
  }

  moduleRow(name: string): Locator {
    return this.layers.locator(`[role="row"][data-kind="module"][data-name="${name}"]`);
  }

  /** The uppermost module, below the root, that may be recomputed. */
  async firstCheckpointableModule(): Promise<string> {
    const row = this.layers
      .locator('[role="row"][data-kind="module"]:not([data-name=""])')
      .filter({ has: this.frame.locator('[data-choice="recompute"]:not([disabled])') })
      .first();
    await row.waitFor();
    return (await row.getAttribute('data-name')) ?? '';
  }

  choiceButton(name: string, choice: Choice): Locator {
    return this.moduleRow(name).locator(`[data-choice="${choice}"]`);
  }

  /** Picks an item of the export menu. */
  async chooseExport(target: ExportTarget): Promise<void> {
    await this.frame.getByRole('button', { name: 'Export plan' }).click();
    await this.frame.getByRole('menuitem', { name: exportNames[target] }).click();
  }

  async isChosen(name: string, choice: Choice): Promise<boolean> {
    return (await this.choiceButton(name, choice).getAttribute('aria-pressed')) === 'true';
  }

  async isPinned(name: string): Promise<boolean> {
    return (await this.moduleRow(name).getAttribute('data-pinned')) === 'true';
  }
}
