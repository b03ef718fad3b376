// @vitest-environment jsdom
import { nextFrame, untilFrame } from './support/jsdom';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultPlanInputs, type PlanInputs } from '../../../planner-core/plan/planInputs';
import type { ViewState, ViewToHost } from '../../../planner-core/protocol/messages';
import { startApp } from '../../../webview/app';
import { greet } from '../../../webview/state/greet';
import { HarnessHost } from '../../bench/webviewHarness/harnessHost';
import { SyntheticPlanner } from '../../bench/webviewHarness/syntheticPlanner';
import { gib } from './support/sample';

const device = { id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * gib };

/** A view that runs against a host with a made-up model. */
async function open(
  inputs: Partial<PlanInputs> = {},
  overrides: Partial<ViewState> = {},
): Promise<{ host: HarnessHost; edits: () => ViewToHost[] }> {
  // A page of its own: views of earlier tests must not hear this one's host.
  const page = new EventTarget();
  const host = new HarnessHost(
    new SyntheticPlanner(4, 48, ['gpu0']),
    { ...defaultPlanInputs([device]), strategy: 'selective', ...inputs },
    overrides,
    page,
  );
  document.body.innerHTML = '<div id="app"></div>';
  startApp(find('#app'), host, page);
  greet(host);
  await untilFrame(() => Number(document.body.dataset.rev) > 0);
  return { host, edits: () => host.sent.filter(({ type }) => type === 'edit') };
}

function find<T extends HTMLElement>(selector: string): T {
  const element = document.querySelector<T>(selector);
  if (!element) throw new Error(`no ${selector}`);
  return element;
}
const sentence = (): string => find('#sentence').textContent ?? '';
const rowOf = (name: string): HTMLElement => find(`[role="row"][data-name="${name}"]`);
const choiceOf = (name: string, choice: string): HTMLButtonElement =>
  rowOf(name).querySelector<HTMLButtonElement>(`[data-choice="${choice}"]`) ?? find('missing');
const press = (element: HTMLElement, key: string, init: KeyboardEventInit = {}): boolean =>
  element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init }));
const label = (name: string): HTMLElement =>
  rowOf(name).querySelector<HTMLElement>('.layer-label') ?? find('missing');

beforeEach(() => document.body.removeAttribute('data-rev'));
afterEach(async () => {
  vi.restoreAllMocks();
  await nextFrame();
});

describe('the slider', () => {
  it('previews while it moves and sends one edit at the end', async () => {
    const { edits } = await open();
    const before = sentence();
    const slider = find<HTMLInputElement>('#budget-slider');
    for (const fraction of [0.8, 0.7, 0.6]) {
      slider.value = String(Number(slider.min) + fraction * (Number(slider.max) - Number(slider.min)));
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      await nextFrame();
    }
    expect(sentence()).not.toBe(before);
    expect(slider.getAttribute('aria-valuetext')).toMatch(/GiB, step \+/);
    expect(edits()).toEqual([]);
    const preview = sentence();
    slider.dispatchEvent(new Event('change', { bubbles: true }));
    await nextFrame();
    expect(edits()).toHaveLength(1);
    expect(edits()[0]).toMatchObject({ edit: { kind: 'budget' } });
    // The host's plan at this budget is the frontier's point: nothing jumps, and now it is known whether it fits.
    expect(preview).toContain(': within the budget;');
    expect(sentence()?.replace(/fits, [^;]*/, 'within the budget')).toBe(preview);
  });

  it('draws the charts at once while it moves, and the layers as soon as there is time', async () => {
    await open();
    const slider = find<HTMLInputElement>('#budget-slider');
    const [charts, layers] = [find('#timeline svg').innerHTML, find('#layers').innerHTML];
    slider.value = String(Number(slider.min) + 0.6 * (Number(slider.max) - Number(slider.min)));
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await nextFrame();
    expect(find('#timeline svg').innerHTML).not.toBe(charts);
    await untilFrame(() => find('#layers').innerHTML !== layers);
  });

  it('lies on the scale of the picture above it: the thumb is under the current point', async () => {
    await open({ budgetBytes: 5 * gib });
    const slider = find<HTMLInputElement>('#budget-slider');
    const fraction = (5 * gib - Number(slider.min)) / (Number(slider.max) - Number(slider.min));
    const thumbPx = 16;
    const width = parseFloat(slider.style.width) - thumbPx;
    const thumb = parseFloat(slider.style.left) + thumbPx / 2 + fraction * width;
    expect(Number(find('.current-point').getAttribute('cx'))).toBeCloseTo(thumb, 6);
  });
});

describe('the budget field', () => {
  const type = (text: string): void => {
    const field = find<HTMLInputElement>('#budget-field');
    field.value = text;
    field.dispatchEvent(new Event('input'));
    field.dispatchEvent(new Event('change'));
  };

  it('takes a size with its unit', async () => {
    const { edits } = await open();
    type('5 GiB');
    expect(edits()).toMatchObject([{ edit: { kind: 'budget', budgetBytes: 5 * gib } }]);
  });

  it('says what is wrong with anything else and sends nothing', async () => {
    const { edits } = await open();
    type('a lot');
    expect(edits()).toEqual([]);
    expect(find('#budget-field').getAttribute('aria-invalid')).toBe('true');
    expect(find('.budget-field [role=alert]').textContent).toMatch(/^Not a size/);
    type('5 GiB');
    expect(find('.budget-field [role=alert]').textContent).toBe('');
  });
});

describe('the layer table', () => {
  it('shows a choice at once and pins it', async () => {
    const { edits } = await open();
    choiceOf('transformer.h.0', 'recompute').click();
    await nextFrame();
    expect(edits()).toMatchObject([
      {
        edit: {
          kind: 'choice',
          choice: 'recompute',
          targets: [{ target: 'transformer.h.0', kind: 'module' }],
        },
      },
    ]);
    expect(rowOf('transformer.h.0').dataset.pinned).toBe('true');
    expect(choiceOf('transformer.h.0', 'recompute').getAttribute('aria-pressed')).toBe('true');
  });

  it('hands a choice back at the pin mark', async () => {
    const pin = { target: 'transformer.h.0', kind: 'module', choice: 'recompute', pinned: true } as const;
    const { edits } = await open({ pins: [pin] });
    rowOf('transformer.h.0').querySelector<HTMLElement>('.pin')?.click();
    expect(edits()).toMatchObject([{ edit: { kind: 'choice', choice: undefined } }]);
    await nextFrame();
    expect(rowOf('transformer.h.0').dataset.pinned).toBeUndefined();
  });

  it('applies a choice to every selected row', async () => {
    const { edits } = await open();
    label('transformer.wte').click();
    await nextFrame();
    label('transformer.h').dispatchEvent(new MouseEvent('click', { bubbles: true, ctrlKey: true }));
    await nextFrame();
    choiceOf('transformer.h', 'offload').click();
    const targets = [{ target: 'transformer.wte' }, { target: 'transformer.h' }];
    expect(edits()).toMatchObject([{ edit: { kind: 'choice', choice: 'offload', targets } }]);
  });

  it('is worked from the keyboard', async () => {
    const { edits } = await open();
    const grid = find('.treegrid');
    press(grid, 'Home');
    await nextFrame();
    expect(rowOf('transformer').getAttribute('aria-selected')).toBe('true');
    expect(grid.getAttribute('aria-activedescendant')).toBe(rowOf('transformer').id);
    press(grid, 'ArrowLeft');
    await nextFrame();
    expect(rowOf('transformer').getAttribute('aria-expanded')).toBe('false');
    expect(document.querySelector('[data-name="transformer.h"]')).toBeNull();
    press(grid, 'ArrowRight');
    await nextFrame();
    press(grid, 'ArrowDown');
    await nextFrame();
    for (const [key, choice] of [
      ['r', 'recompute'],
      ['o', 'offload'],
      ['k', 'keep'],
      ['Backspace', undefined],
    ] as const) {
      press(grid, key);
      expect(edits().at(-1)).toMatchObject({
        edit: { kind: 'choice', choice, targets: [{ target: 'transformer.wte' }] },
      });
    }
    const before = edits().length;
    press(grid, 'k', { ctrlKey: true });
    expect(edits()).toHaveLength(before);
  });

  it('offers modules only when whole modules are checkpointed', async () => {
    await open({ strategy: 'module-checkpoint' });
    expect(choiceOf('transformer.h.0', 'recompute').disabled).toBe(false);
    const operator = find('[role="row"][data-kind="operator"] [data-choice="keep"]');
    expect(operator.hasAttribute('disabled')).toBe(true);
    expect(operator.title).toContain('selective');
  });

  it('filters', async () => {
    await open();
    const filter = find<HTMLInputElement>('#layers vscode-text-field');
    filter.value = 'lm_head';
    filter.dispatchEvent(new Event('input'));
    await nextFrame();
    const names = [...document.querySelectorAll<HTMLElement>('.rows [role="row"]')].map(
      ({ dataset }) => dataset.name,
    );
    expect(names.sort()).toEqual(['/lm_head/MatMul_49', 'lm_head']);
  });

  it('says that nothing matches, and clears the filter', async () => {
    await open();
    const filter = find<HTMLInputElement>('#layers vscode-text-field');
    const rows = (): number => document.querySelectorAll('#layers .rows [role="row"]').length;
    const before = rows();
    filter.value = 'kept:>900GiB';
    filter.dispatchEvent(new Event('input'));
    await nextFrame();
    const nothing = find('#layers .nothing-matches');
    expect(nothing.hidden).toBe(false);
    expect(nothing.textContent).toContain('Nothing matches “kept:>900GiB”.');
    // A click on the button ends the typing first.
    filter.dispatchEvent(new Event('change'));
    find('#layers .nothing-matches button').click();
    await nextFrame();
    expect(nothing.hidden).toBe(true);
    expect(filter.value).toBe('');
    expect(rows()).toBe(before);
    expect(document.activeElement).toBe(find('#layers .treegrid'));
  });

  it('says above the rows which condition of a filter it cannot read', async () => {
    await open();
    const filter = find<HTMLInputElement>('#layers vscode-text-field');
    const help = find('#layers .filter-help');
    const rows = (): number => document.querySelectorAll('#layers .rows [role="row"]').length;
    const before = rows();
    expect(help.hidden).toBe(true);
    filter.value = 'kept:>lots';
    filter.dispatchEvent(new Event('input'));
    await nextFrame();
    expect(help.hidden).toBe(false);
    expect(help.textContent).toContain('“kept:>lots” is left out');
    expect(rows()).toBe(before);
    filter.value = 'foo:bar';
    filter.dispatchEvent(new Event('input'));
    await nextFrame();
    expect(help.hidden).toBe(true);
    expect(find('#layers .nothing-matches').textContent).toContain('conditions begin with one of type:');
  });

  it('tells the host what is selected', async () => {
    const { host } = await open();
    label('transformer.h').click();
    await nextFrame();
    expect(host.sent.at(-1)).toEqual({
      type: 'selection',
      targets: [{ target: 'transformer.h', kind: 'module' }],
    });
  });
});

describe('selection', () => {
  it('shows in the timeline where a layer runs, and in the inspector what it keeps', async () => {
    await open();
    expect(document.querySelectorAll('.selected-span')).toHaveLength(0);
    label('transformer.h.0').click();
    await nextFrame();
    expect(document.querySelectorAll('.selected-span').length).toBeGreaterThanOrEqual(2);
    expect(find('#inspector').textContent).toContain('transformer.h.0');
  });
});

describe('the timeline', () => {
  it('reads moments out from the keyboard', async () => {
    await open();
    const chart = find('#timeline .chart');
    const atPeak = chart.getAttribute('aria-valuetext');
    press(chart, 'Home');
    await nextFrame();
    expect(chart.getAttribute('aria-valuenow')).toBe('0');
    expect(chart.getAttribute('aria-valuetext')).toContain('forward of /transformer/wte');
    expect(find('#timeline .tooltip').hidden).toBe(false);
    press(chart, 'p');
    await nextFrame();
    expect(chart.getAttribute('aria-valuetext')).toBe(atPeak);
  });

  it('zooms around a moment and back', async () => {
    await open();
    const chart = find('#timeline .chart');
    press(chart, '+');
    await nextFrame();
    const reset = [...document.querySelectorAll<HTMLElement>('#timeline button')].find(
      ({ textContent }) => textContent === 'Show all',
    );
    expect(reset?.hidden).toBe(false);
    press(chart, 'Escape');
    await nextFrame();
    expect(reset?.hidden).toBe(true);
  });

  it('has its phases as a table', async () => {
    await open();
    const rows = [...document.querySelectorAll('#timeline tbody tr')].map(
      (row) => row.querySelector('th')?.textContent,
    );
    expect(rows).toEqual(['forward', 'loss', 'backward', 'optimizer']);
  });
});

describe('states', () => {
  it('shows an error with code, place and hint instead of the panes', async () => {
    const error = {
      code: 'truncated-file',
      message: 'The file ends too early.',
      hint: 'Download it again.',
      where: { file: 'm.onnx', byteOffset: 12345, node: 'conv' },
    } as const;
    const { host } = await open({}, { step: undefined, error });
    expect(find('#error').textContent).toContain('truncated-file · m.onnx, byte 12,345, operator conv');
    expect(find('.board').hidden).toBe(true);
    find('#error vscode-button').click();
    expect(host.sent.at(-1)?.type).toBe('reload');
  });

  it('shows progress while the model is read', async () => {
    const { host } = await open({}, { step: undefined, progress: { stage: 'profiling', fraction: 0.5 } });
    expect(find('#loading').hidden).toBe(false);
    expect(find('#loading').textContent).toContain('50 %');
    find('#loading vscode-button').click();
    expect(host.sent.at(-1)?.type).toBe('cancel');
  });

  it('asks what to do with a plan for another structure', async () => {
    const { host } = await open({}, { stalePlan: 'm.onnx.plan.json' });
    const buttons = [...document.querySelectorAll<HTMLElement>('.banner-warning vscode-button')];
    expect(buttons.map(({ textContent }) => textContent)).toEqual(['Keep', 'Rebase', 'Discard']);
    buttons[1].click();
    expect(host.sent.at(-1)).toMatchObject({ type: 'stale-plan', action: 'rebase' });
  });

  it('shows the reason in error colour when nothing fits', async () => {
    await open({ budgetBytes: gib });
    expect(find('#sentence .tone-error').textContent).toContain('No plan fits');
  });

  it('lists diagnostics and assumptions', async () => {
    await open();
    const [assumptions, diagnostics] = document.querySelectorAll<HTMLElement>('.notes-buttons button');
    expect(assumptions.textContent).toBe('3 assumptions');
    expect(diagnostics.textContent).toBe('2 notes');
    diagnostics.click();
    expect(find('#diagnostics').hidden).toBe(false);
  });

  it('keeps a pane’s failure in its own place', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const broken = { ...(await new SyntheticPlanner(4, 48, ['gpu0']).frontier()), baselines: undefined };
    await open({}, { frontier: broken as never });
    expect(find('#frontier .pane-failure').textContent).toContain('cannot be drawn');
    expect(find('#layers .pane-failure').hidden).toBe(true);
  });
});

describe('workload', () => {
  it('sends a dimension with the others unchanged', async () => {
    const workload = { ...defaultPlanInputs([device]).workload, dims: { seq: 512 } };
    const { edits } = await open({ workload });
    const field = find<HTMLInputElement>('vscode-text-field[aria-label="batch"]');
    field.value = '16';
    field.dispatchEvent(new Event('change'));
    expect(edits()).toMatchObject([
      { edit: { kind: 'workload', changes: { dims: { seq: 512, batch: 16 } } } },
    ]);
  });

  it('refuses a dimension that is none', async () => {
    const { edits } = await open();
    const field = find<HTMLInputElement>('vscode-text-field[aria-label="batch"]');
    field.value = '0';
    field.dispatchEvent(new Event('change'));
    expect(edits()).toEqual([]);
    expect(field.getAttribute('aria-invalid')).toBe('true');
  });

  it('adds a device under an id of its own', async () => {
    const { edits } = await open();
    find('[aria-label="Add a device"]').click();
    expect(edits()).toMatchObject([{ edit: { kind: 'devices', devices: [{ id: 'gpu0' }, { id: 'gpu1' }] } }]);
  });

  it('shows no control that inference has no use for', async () => {
    await open({ workload: { ...defaultPlanInputs([device]).workload, mode: 'inference' } });
    const captions = [...document.querySelectorAll<HTMLElement>('.workload .chip')]
      .filter(({ hidden }) => !hidden)
      .map((chip) => chip.querySelector('.chip-caption')?.textContent);
    expect(captions).not.toContain('optimizer');
    expect(captions).toContain('precision');
  });
});

it('remembers what is open and selected, not what is dragged', async () => {
  const { host } = await open();
  label('transformer.h').click();
  find<HTMLInputElement>('#budget-slider').dispatchEvent(new Event('input'));
  await nextFrame();
  expect(host.getState()).toMatchObject({ selected: ['module transformer.h'] });
  expect(host.getState()).not.toHaveProperty('dragBudgetBytes');
});
