// @vitest-environment jsdom
import { nextFrame, untilFrame } from '../support/jsdom';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultPlanInputs, type PlanInputs } from '../../../../planner-core/plan/planInputs';
import type { GoalsState } from '../../../../planner-core/protocol/goals';
import type { ViewState, ViewToHost } from '../../../../planner-core/protocol/messages';
import type { FitOption, SizeProbe } from '../../../../planner-core/session/goals/goal';
import { startApp } from '../../../../webview/app';
import { greet } from '../../../../webview/state/greet';
import { HarnessHost } from '../../../bench/webviewHarness/harnessHost';
import { SyntheticPlanner } from '../../../bench/webviewHarness/syntheticPlanner';
import { gib } from '../support/sample';

const device = { id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * gib };
const inputs: PlanInputs = { ...defaultPlanInputs([device]), strategy: 'selective' };
const question = { maxOverheadPercent: 10 };
const need = {
  peakBytes: 20 * gib,
  totalBytes: 21 * gib,
  toleranceBytes: 0,
  stepTimeMs: 100,
  overheadPercent: 4,
};
const probe = (size: number, changes: Partial<SizeProbe> = {}): SizeProbe => ({
  ...{ ...need, size, verdict: 'fits', proven: true, reason: '', samplesPerSecond: 10 * size },
  ...changes,
});
const workloadEdit = (batch: number) =>
  ({
    kind: 'several',
    label: `batch ${batch}`,
    edits: [{ kind: 'workload', changes: { dims: { batch } } }],
  }) as const;
const option = (id: string, changes: Partial<FitOption> = {}): FitOption => ({
  ...{ id, label: `Do ${id}`, note: `About ${id}.`, effect: 'none', isOtherDevice: false, fits: true },
  ...{ reason: '', need, relativeTime: 1.06, edit: workloadEdit(3) },
  ...changes,
});

const answers: GoalsState = {
  ...{ run: 1, question, inputs },
  largestSize: {
    ...{ goal: 'largest-size', dimension: 'batch', isBatch: true, granularity: 1, currentSize: 16 },
    largest: { ...probe(10), edit: workloadEdit(10) },
    next: probe(11, { verdict: 'too-big', reason: 'No plan can need less than 25.0 GiB.' }),
    fastest: { ...probe(8), edit: workloadEdit(8) },
    probes: [],
  },
  leastBudget: {
    goal: 'least-budget',
    plan: { ...need, budgetBytes: 20 * gib, planner: 'p', edit: { kind: 'budget', budgetBytes: 20 * gib } },
    ...{ provenLeastBytes: 15 * gib, keepAllPeakBytes: 30 * gib },
  },
  options: {
    ...{ goal: 'options', memoryBytes: 24 * gib },
    now: { ...need, totalBytes: 33 * gib, fits: false },
    options: [
      option('mild'),
      option('training', { effect: 'training', relativeTime: 0.5, edit: workloadEdit(4) }),
      option('device', { isOtherDevice: true, edit: workloadEdit(5) }),
      option('little', { fits: false, reason: 'Keeping everything takes 30.0 GiB.' }),
    ],
  },
};

/** A view; `show` gives it parts of the host's state. */
async function open(): Promise<{
  readonly sent: (type: ViewToHost['type']) => ViewToHost[];
  readonly show: (parts: Partial<ViewState>) => Promise<void>;
}> {
  const page = new EventTarget();
  const host = new HarnessHost(new SyntheticPlanner(4, 48, ['gpu0']), inputs, {}, page);
  document.body.innerHTML = '<div id="app"></div>';
  startApp(find('#app'), host, page);
  greet(host);
  await untilFrame(() => Number(document.body.dataset.rev) > 0);
  let revision = 1000;
  const show = async (parts: Partial<ViewState>): Promise<void> => {
    const data = structuredClone({ type: 'update', revision: ++revision, parts, cleared: [] });
    page.dispatchEvent(new MessageEvent('message', { data }));
    await nextFrame();
    await nextFrame();
  };
  return { show, sent: (type) => host.sent.filter((message) => message.type === type) };
}

function find<T extends HTMLElement>(selector: string): T {
  const element = document.querySelector<T>(selector);
  if (!element) throw new Error(`no ${selector}`);
  return element;
}
const opener = (): HTMLElement => find('#goals-button');
const panel = (): HTMLElement => find('#goals');
const applyButtons = (): HTMLElement[] => [...panel().querySelectorAll<HTMLElement>('.apply-button')];
const applyOf = (label: string): HTMLElement => {
  const button = applyButtons().find((one) => one.getAttribute('aria-label')?.endsWith(`: ${label}`));
  if (!button) throw new Error(`nothing to apply: ${label}`);
  return button;
};
const control = (label: string): HTMLElement => {
  const found = [...panel().querySelectorAll<HTMLElement>('vscode-button')].find(
    ({ textContent }) => textContent === label,
  );
  if (!found) throw new Error(`no ${label}`);
  return found;
};
const field = (at: number): HTMLInputElement =>
  panel().querySelectorAll<HTMLInputElement>('vscode-text-field')[at];
const type = (element: HTMLInputElement, text: string): void => {
  element.value = text;
  element.dispatchEvent(new Event('change'));
};

beforeEach(() => document.body.removeAttribute('data-rev'));
afterEach(nextFrame);

describe('what fits', () => {
  it('is asked when the panel is first opened; Escape closes it and gives the focus back', async () => {
    const { sent, show } = await open();
    expect(panel().hidden).toBe(true);
    opener().click();
    expect([panel().hidden, opener().getAttribute('aria-expanded')]).toEqual([false, 'true']);
    expect(sent('ask')).toMatchObject([{ question }]);
    await show({ goals: answers });
    applyOf('Do mild').focus();
    applyOf('Do mild').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    expect(panel().hidden).toBe(true);
    expect(document.activeElement).toBe(opener());
    opener().click();
    expect(sent('ask')).toHaveLength(1);
  });

  it('says of a budget that is more than the device has that it is, and offers no button for it', async () => {
    const { show } = await open();
    opener().click();
    const fast = { ...answers.leastBudget!.plan!, budgetBytes: 32.8 * gib, totalBytes: 35 * gib };
    const leastBudget = { ...answers.leastBudget!, plan: fast };
    await show({ goals: { ...answers, leastBudget } });
    const card = find('[data-goal="least-budget"]');
    expect(card.textContent).toContain('Takes 35.0 GiB: more than the 24.0 GiB of this device.');
    expect(card.querySelector('button')).toBeNull();
    await show({
      goals: { ...answers, run: 2, leastBudget, question: { ...question, device: 'A100 40GB' } },
    });
    expect(applyOf('Budget 32.8 GiB')).toBeDefined();
    await show({ goals: { ...answers, run: 3, question: { ...question, memoryBytes: 20 * gib } } });
    expect(find('[data-goal="least-budget"]').textContent).toContain('more than the 20.0 GiB');
  });

  it('opens by itself when a command asks, and shows the work with a way out', async () => {
    const { show, sent } = await open();
    await show({ goals: { run: 1, question, inputs, progress: 0.4 } });
    expect(panel().hidden).toBe(false);
    expect(document.activeElement).toBe(panel());
    expect(panel().textContent).toContain('Working, 40 %');
    control('Cancel').click();
    expect(sent('stop-asking')).toHaveLength(1);
    await show({ goals: { run: 1, question, inputs } });
    expect(find('.question-activity').hidden).toBe(true);
  });

  it('asks what is in its fields, and not what is no number', async () => {
    const { sent, show } = await open();
    opener().click();
    await show({ goals: answers });
    type(field(0), '16 GiB');
    type(field(1), '5 %');
    control('Ask').click();
    expect(sent('ask').at(-1)).toMatchObject({ question: { memoryBytes: 16 * gib, maxOverheadPercent: 5 } });
    type(field(0), 'much');
    type(field(1), '-1');
    expect([field(0), field(1)].map((one) => one.getAttribute('aria-invalid'))).toEqual(['true', 'true']);
    control('Ask').click();
    expect(sent('ask').at(-1)).toMatchObject({ question: { memoryBytes: 16 * gib, maxOverheadPercent: 5 } });
  });

  it('tells the answers, grouped by what they do to training', async () => {
    const { show } = await open();
    await show({ goals: answers });
    const text = panel().textContent;
    expect(text).toContain('11 does not fit: No plan can need less than 25.0 GiB. Proven.');
    expect(text).toContain('Fastest for each sample: 8 (21.0 GiB · step +4.0 % · 80.0 samples/s)');
    expect(text).toContain('Proven: no plan under 15.0 GiB stays within 10 %.');
    const groups = [...panel().querySelectorAll('ul')].map((list) => [
      list.getAttribute('aria-label'),
      ...[...list.querySelectorAll<HTMLElement>('li')].map(({ dataset }) => dataset.option),
    ]);
    expect(groups).toEqual([
      ['Training stays what it is', 'mild'],
      ['Training changes', 'training'],
      ['Another device', 'device'],
      ['Not enough', 'little'],
    ]);
    expect(find('[data-option="training"] .option-time').textContent).toContain('−50.0 %');
    expect(find('[data-option="little"]').textContent).toContain('Keeping everything takes 30.0 GiB.');
    expect(document.querySelector('[data-option="little"] .apply-button')).toBeNull();
  });

  it('applies one answer as one edit; the others wait until it is undone', async () => {
    const { show, sent } = await open();
    await show({ goals: answers });
    const chosen = applyOf('Do mild');
    chosen.focus();
    chosen.click();
    await untilFrame(() => chosen.textContent === 'Applied');
    expect(sent('edit')).toMatchObject([{ edit: workloadEdit(3) }]);
    expect(document.activeElement).toBe(chosen);
    expect(find('.question-stale').hidden).toBe(false);
    applyOf('Do training').click();
    chosen.click();
    expect(sent('edit')).toHaveLength(1);
    find('.question-stale .link-button').click();
    await untilFrame(() => chosen.textContent === 'Apply');
    expect(find('.question-stale').hidden).toBe(true);
    applyOf('Do training').click();
    expect(sent('edit')).toHaveLength(2);
  });

  it('says so when the step has become another one, and when a goal cannot be asked', async () => {
    const { show } = await open();
    const error = { code: 'bad-usage', message: 'No dimension.' } as const;
    await show({ goals: { ...answers, inputs: { ...inputs, budgetBytes: gib }, error } });
    expect(find('.question-stale').textContent).toContain('Ask again.');
    expect(find('.question-stale .link-button').hidden).toBe(true);
    expect(applyButtons().every((one) => one.getAttribute('aria-disabled') === 'true')).toBe(true);
    expect(panel().textContent).toContain('No dimension.');
  });
});
