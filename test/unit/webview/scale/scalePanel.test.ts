// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextFrame } from '../support/jsdom';
import { openView, type OpenedView } from '../support/openView';
import { gib } from '../support/sample';
import { defaultPlanInputs, type PlanInputs } from '../../../../planner-core/plan/planInputs';
import { defaultScaleRequest, type ScaleState } from '../../../../planner-core/protocol/machineQuestions';
import type { Parallelism } from '../../../../planner-core/planners/cluster/parallelism';
import type { ScaleAnswer } from '../../../../planner-core/session/machines/scaleModel';

const inputs: PlanInputs = {
  ...defaultPlanInputs([{ id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * gib }]),
  strategy: 'selective',
};
const way: Parallelism = {
  ...{ tensor: 2, stages: 4, replicas: 4, sharding: 1, innermost: 'stages', microBatch: 2, microBatches: 8 },
};
const option: ScaleAnswer['options'][number] = {
  ...way,
  stageList: [
    { from: 0, to: 2, recompute: 'selective', loadMs: 20, bytes: 20 * gib },
    { from: 2, to: 3, recompute: 'none', loadMs: 18, bytes: 12 * gib },
  ],
  ...{ stepMs: 1100, pipelineMs: 900, replicaMs: 100, optimizerMs: 100, bubbleShare: 0.25 },
  ...{ peakBytes: 20 * gib, samplesPerSecond: 58.18, utilisation: 0.314 },
};
const answer: ScaleAnswer = {
  ...{ device: 'RTX 4090', memoryBytes: 23 * gib, globalBatch: 64, deviceCount: 32, boundMs: 999.96 },
  layers: ['h.0', 'h.1', 'head'],
  options: [option, ...Array.from({ length: 14 }, (_, i) => ({ ...option, stepMs: 1200 + i }))],
  rejected: [{ ...way, replicas: 32, reason: 'Stage 1 needs 40.0 GiB.' }],
};
const state: ScaleState = { run: 1, question: defaultScaleRequest, inputs, answer };

const panel = (): HTMLElement => {
  const element = document.querySelector<HTMLElement>('#scale');
  if (!element) throw new Error('no panel');
  return element;
};
const click = (selector: string): void => document.querySelector<HTMLElement>(selector)?.click();
const cellsOf = (selector: string): string[][] =>
  [...panel().querySelectorAll(`${selector} tr`)].map((row) =>
    [...row.children].map(({ textContent }) => textContent),
  );
const type = (label: string, text: string): HTMLElement => {
  const field = [...panel().querySelectorAll<HTMLInputElement>('vscode-text-field')].find((one) =>
    one.textContent.startsWith(label),
  );
  if (!field) throw new Error(`no ${label}`);
  field.value = text;
  field.dispatchEvent(new Event('change'));
  return field;
};

let view: OpenedView;
beforeEach(async () => {
  view = await openView(inputs);
});
afterEach(nextFrame);

describe('the panel of scaling', () => {
  it('asks what is in its fields, and not what is no count', async () => {
    click('#scale-button');
    expect(view.sent('ask-scale')).toMatchObject([{ question: defaultScaleRequest }]);
    await view.show({ scale: state });
    type('Servers', '2');
    type('Devices per server', '4');
    type('Sizes of a micro-batch', '1, 2');
    type('Samples of one update', '128');
    click('#scale .question-form > vscode-button');
    const asked = { servers: 2, devicesPerServer: 4, microBatches: [1, 2], globalBatch: 128 };
    expect(view.sent('ask-scale')[1]).toMatchObject({ question: asked });
    for (const text of ['0', '1.5', 'many', ''])
      expect(type('Servers', text).getAttribute('aria-invalid'), text).toBe('true');
    click('#scale .question-form > vscode-button');
    expect(view.sent('ask-scale')[2]).toMatchObject({ question: asked });
    type('Samples of one update', '');
    click('#scale .question-form > vscode-button');
    expect(view.sent('ask-scale')[3]).not.toHaveProperty('question.globalBatch', 128);
  });

  it('ranks the ways that fit against what is proven, and folds the slow ones', async () => {
    click('#scale-button');
    await view.show({ scale: state });
    expect(panel().textContent).toContain('1.10 s a step with tensor 2, pipeline 4, data 4, ZeRO 1');
    expect(panel().textContent).toContain('15 ways fit 32 × RTX 4090 with 23.0 GiB each, a batch of 64.');
    const [head, first, ...rest] = cellsOf('.scale-tables > div > .answer-table');
    expect(Object.fromEntries(head.map((name, i) => [name, first[i]]))).toMatchObject({
      ...{ '#': '1', Tensor: '2', Pipeline: '4 (neighbours)', Data: '4', ZeRO: '1', Step: '1.10 s' },
      ...{ 'Micro-batches': '8 × 2', Recompute: 'selective, none', Memory: '20.0 GiB' },
      // Against a bound of 999.96 ms this is 10.0044 %: gaps are rounded up.
      ...{ 'Above bound': '+10.1 %', MFU: '31.4 %', Idle: '25.0 %' },
    });
    expect(rest).toHaveLength(11);
    expect(cellsOf('.scale-slower')).toHaveLength(4);
    expect(cellsOf('.scale-stages')[1]).toEqual(['1', 'h.0 … h.1', '2', 'selective', '20.0 ms', '20.0 GiB']);
    // Rounded down: a bound stays proven.
    expect(panel().textContent).toContain('no way takes less than 999.9 ms');
  });

  it('says why ways do not work, at once where none does', async () => {
    click('#scale-button');
    await view.show({ scale: state });
    const details = (): HTMLDetailsElement | null => panel().querySelector('.scale-rejected');
    expect(details()?.open).toBe(false);
    expect(details()?.textContent).toContain('Stage 1 needs 40.0 GiB.');
    await view.show({ scale: { ...state, answer: { ...answer, options: [] } } });
    expect(details()?.open).toBe(true);
    expect(panel().textContent).toContain('Nothing fits.');
    expect(panel().querySelector('.scale-stages')).toBeNull();
  });

  it('tells how far it is, how to stop, and that the step has changed since', async () => {
    await view.show({ scale: { ...state, answer: undefined, progress: 0.42 } });
    expect([panel().hidden, document.activeElement === panel()]).toEqual([false, true]);
    expect(panel().textContent).toContain('Working, 42 %');
    const cancel = [...panel().querySelectorAll<HTMLElement>('vscode-button')].find(
      ({ textContent }) => textContent === 'Cancel',
    );
    cancel?.click();
    expect(view.sent('stop-asking')).toHaveLength(1);
    // The button that is gone leaves the focus to the one in its place, so that keys go on to work.
    cancel?.focus();
    await view.show({ scale: { ...state, answer: undefined } });
    expect(document.activeElement?.textContent).toBe('Ask');
    await view.show({ scale: { ...state, inputs: { ...inputs, budgetBytes: gib } } });
    const stale = panel().querySelector<HTMLElement>('.question-stale');
    expect(stale?.hidden).toBe(false);
    expect(stale?.textContent).toContain('Ask again.');
  });
});
