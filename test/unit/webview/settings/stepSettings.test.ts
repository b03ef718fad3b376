// @vitest-environment jsdom
import { nextFrame, untilFrame } from '../support/jsdom';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultPlanInputs } from '../../../../planner-core/plan/planInputs';
import { defaultWorkload, type Workload } from '../../../../planner-core/step/workload';
import { startApp } from '../../../../webview/app';
import { greet } from '../../../../webview/state/greet';
import { HarnessHost } from '../../../bench/webviewHarness/harnessHost';
import { RecognisingPlanner } from '../support/recognisingPlanner';
import { gib } from '../support/sample';

const device = { id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * gib };

/** A view of a made-up model; returns the changes of the workload it has sent. */
async function open(workload: Partial<Workload> = {}): Promise<() => Partial<Workload>[]> {
  const page = new EventTarget();
  const inputs = { ...defaultPlanInputs([device]), workload: { ...defaultWorkload, ...workload } };
  const host = new HarnessHost(new RecognisingPlanner(), { ...inputs, strategy: 'selective' }, {}, page);
  document.body.innerHTML = '<div id="app"></div>';
  startApp(find('#app'), host, page);
  greet(host);
  await untilFrame(() => Number(document.body.dataset.rev) > 0);
  return () =>
    host.sent.flatMap((message) =>
      message.type === 'edit' && message.edit.kind === 'workload' ? [message.edit.changes] : [],
    );
}

function find<T extends HTMLElement>(selector: string): T {
  const element = document.querySelector<T>(selector);
  if (!element) throw new Error(`no ${selector}`);
  return element;
}
const opener = (): HTMLElement => find('#step-settings-button');
const panel = (): HTMLElement => find('#step-settings');
const radio = (field: string, value: string): HTMLInputElement =>
  find(`#step-settings [data-field="${field}"] input[value="${value}"]`);
const pattern = (name: string): HTMLInputElement => find(`#step-settings input[data-pattern="${name}"]`);
const rowOf = (name: string): HTMLElement => find(`[role="row"][data-name="${name}"]`);
const freezeButton = (name: string): HTMLButtonElement => {
  const button = rowOf(name).querySelector<HTMLButtonElement>('.freeze');
  if (!button) throw new Error(`no freeze button of ${name}`);
  return button;
};
const press = (element: HTMLElement, key: string): boolean =>
  element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
const filterLayers = async (text: string): Promise<void> => {
  const field = find<HTMLInputElement>('#layers vscode-text-field');
  field.value = text;
  field.dispatchEvent(new Event('input'));
  await nextFrame();
};

beforeEach(() => document.body.removeAttribute('data-rev'));
afterEach(nextFrame);

describe('the panel of step settings', () => {
  it('opens at its button and closes at Escape, which gives the focus back', async () => {
    await open();
    expect(panel().hidden).toBe(true);
    opener().click();
    expect(panel().hidden).toBe(false);
    expect(opener().getAttribute('aria-expanded')).toBe('true');
    radio('attention', 'auto').focus();
    press(radio('attention', 'auto'), 'Escape');
    expect(panel().hidden).toBe(true);
    expect(document.activeElement).toBe(opener());
  });

  it('stays open at Escape while a number is typed', async () => {
    const changes = await open();
    opener().click();
    const field = find<HTMLInputElement>('[data-field="microBatches"] vscode-text-field');
    field.value = '16';
    field.dispatchEvent(new Event('input'));
    press(field, 'Escape');
    expect(panel().hidden).toBe(false);
    expect(field.value).toBe('1');
    press(field, 'Escape');
    expect(panel().hidden).toBe(true);
    expect(changes()).toEqual([]);
  });

  it('sends a choice as one edit, tells what it means and counts it', async () => {
    const changes = await open({ optimizer: 'adamw' });
    expect(opener().getAttribute('aria-label')).toBe('Step settings');
    radio('optimizerUpdate', 'fused').click();
    await nextFrame();
    expect(changes()).toEqual([{ optimizerUpdate: 'fused' }]);
    expect(find('#setting-optimizerUpdate-hint').textContent).toContain('fused=True');
    expect(opener().getAttribute('aria-label')).toBe('Step settings, 1 not at default');
  });

  it('takes whole numbers only', async () => {
    const changes = await open();
    const field = find<HTMLInputElement>('[data-field="microBatches"] vscode-text-field');
    for (const text of ['0', '2.5', '', '4']) {
      field.value = text;
      field.dispatchEvent(new Event('change'));
      expect(field.getAttribute('aria-invalid')).toBe(text === '4' ? null : 'true');
    }
    expect(changes()).toEqual([{ microBatches: 4 }]);
  });

  it('shows what the step has a use for', async () => {
    const shown = (): (string | undefined)[] =>
      [...document.querySelectorAll<HTMLElement>('#step-settings [data-field]')]
        .filter(({ hidden }) => !hidden)
        .map(({ dataset }) => dataset.field);
    await open({ mode: 'inference' });
    expect(shown()).toEqual([
      'semantics',
      'attention',
      'liveness',
      'inPlace',
      'kvCacheTokens',
      'offload-to',
      'minimise',
      'asExported',
    ]);
    await open({ optimizer: 'none' });
    expect(shown()).not.toContain('optimizerUpdate');
    expect(shown()).toContain('zeroGrad');
  });

  it('puts everything back in one edit', async () => {
    const changes = await open({ zeroGrad: 'zero', frozen: ['lm_head'], microBatches: 2 });
    find('#step-settings [aria-label*="Put every setting back"]').click();
    await nextFrame();
    expect(changes()).toHaveLength(1);
    expect(changes()[0]).toMatchObject({ zeroGrad: 'set-to-none', frozen: [], microBatches: 1 });
    expect(opener().getAttribute('aria-label')).toBe('Step settings');
  });
});

describe('frozen modules', () => {
  it('are chosen in the layer tree and listed in the panel', async () => {
    const changes = await open();
    freezeButton('transformer.wte').click();
    await nextFrame();
    expect(changes()).toEqual([{ frozen: ['transformer.wte'] }]);
    expect(freezeButton('transformer.wte').getAttribute('aria-pressed')).toBe('true');
    opener().click();
    const train = find('#step-settings [aria-label="Train transformer.wte"]');
    train.focus();
    train.click();
    await nextFrame();
    expect(changes().at(-1)).toEqual({ frozen: [] });
    expect(freezeButton('transformer.wte').getAttribute('aria-pressed')).toBe('false');
    // Escape still closes the panel.
    expect(document.activeElement).toBe(panel());
  });

  it('hold modules that cannot be trained by themselves', async () => {
    await open({ frozen: ['transformer.h'] });
    expect(freezeButton('transformer.h').disabled).toBe(false);
    expect(freezeButton('transformer.h.0').disabled).toBe(true);
    expect(freezeButton('transformer.h.0').title).toContain('transformer.h');
  });

  it('are chosen by the key F for every selected row', async () => {
    const changes = await open();
    rowOf('transformer.wte').querySelector<HTMLElement>('.layer-label')?.click();
    await nextFrame();
    rowOf('transformer.h')
      .querySelector('.layer-label')
      ?.dispatchEvent(new MouseEvent('click', { bubbles: true, ctrlKey: true }));
    await nextFrame();
    press(find('.treegrid'), 'f');
    expect(changes()).toEqual([{ frozen: ['transformer.wte', 'transformer.h'] }]);
  });

  it('are no matter in inference', async () => {
    await open({ mode: 'inference' });
    expect(freezeButton('transformer.wte').hidden).toBe(true);
  });
});

describe('what operators are read as', () => {
  it('is listed by pattern, and switched off there', async () => {
    const changes = await open();
    expect(pattern('gelu').closest('li')?.textContent).toBe('gelu× 4confirmed by metadata');
    pattern('gelu').focus();
    pattern('gelu').click();
    expect(changes()).toEqual([{ asExported: ['gelu'] }]);
    await untilFrame(() => pattern('gelu').closest('li')?.textContent === 'geluas exported');
    expect(document.activeElement).toBe(pattern('gelu'));
    pattern('gelu').click();
    expect(changes().at(-1)).toEqual({ asExported: [] });
    await untilFrame(() => pattern('gelu').closest('li')?.textContent?.includes('× 4') === true);
  });

  it('names the operator in the layer tree, which the filter finds', async () => {
    await open();
    await filterLayers('h/0 gelu');
    const label = document.querySelector('.layer-label.is-read');
    expect(label?.textContent).toBe('gelu');
  });

  it('is told in the inspector with its pieces, and switched off for one operator', async () => {
    const changes = await open();
    await filterLayers('gelu');
    const row = find('.layer-label.is-read').closest<HTMLElement>('[role="row"]');
    const name = row?.dataset.name ?? '';
    row?.querySelector<HTMLElement>('.layer-label')?.click();
    await nextFrame();
    const text = find('#inspector').textContent ?? '';
    expect(text).toContain('torch.nn.functional.gelu');
    expect(text).toContain('from 5 operators of the file');
    expect(text).toContain("Confirmed by the exporter's metadata");
    find<HTMLInputElement>('#inspector .as-exported input').click();
    expect(changes()).toEqual([{ asExported: [name] }]);
    await untilFrame(() => pattern('gelu').closest('li')?.textContent?.includes('× 3') === true);
    expect(find('#inspector').textContent).toContain('What the file has');
    find(`#step-settings [aria-label="Read ${name} as its call again"]`).click();
    expect(changes().at(-1)).toEqual({ asExported: [] });
  });

  it('is summed up for a module, and has no switch for what was put back', async () => {
    await open();
    rowOf('transformer.h').querySelector<HTMLElement>('.layer-label')?.click();
    await nextFrame();
    expect(find('#inspector .readings').textContent).toContain('4 × gelu');
    await filterLayers('lm_head matmul');
    rowOf('/lm_head/MatMul_49').querySelector<HTMLElement>('.layer-label')?.click();
    await nextFrame();
    expect(find('#inspector').textContent).toContain('own parameter');
    expect(document.querySelector('#inspector .as-exported')).toBeNull();
  });
});

it('shows the peak of each phase beside the timeline', async () => {
  await open();
  const items = [...document.querySelectorAll('.phase-peaks li')].map(({ textContent }) => textContent ?? '');
  expect(items.map((text) => text.split(' ')[0])).toEqual(['forward', 'loss', 'backward', 'optimizer']);
  const most = find('.phase-peaks .is-most strong').textContent ?? '';
  expect(find('#sentence').textContent).toContain(`needs ${most};`);
});
