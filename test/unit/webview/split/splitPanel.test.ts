// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextFrame, untilFrame } from '../support/jsdom';
import { openView, type OpenedView } from '../support/openView';
import { gib } from '../support/sample';
import { defaultPlanInputs, type PlanInputs } from '../../../../planner-core/plan/planInputs';
import type { SplitState } from '../../../../planner-core/protocol/machineQuestions';
import { someSplit } from './sample';

const inputs: PlanInputs = {
  ...defaultPlanInputs([
    { id: 'edge', name: 'T4', memoryBytes: 16 * gib },
    { id: 'server', name: 'RTX 4090', memoryBytes: 24 * gib },
    { id: 'other', name: 'L4', memoryBytes: 24 * gib },
  ]),
  strategy: 'selective',
};
const state: SplitState = {
  ...{ run: 1, question: {}, inputs },
  answer: {
    ...{ between: ['edge', 'server'], gbPerS: 2, aloneMs: [9, 3], now: someSplit('block.0') },
    segments: [
      {
        ...{ fromGbPerS: 0.001, toGbPerS: 1, slowMs: 9, fastMs: 9 },
        split: { ...someSplit('block.1'), sent: [], sentBytes: 0, operators: [4, 0], computeMs: [9, 0] },
      },
      { fromGbPerS: 1, toGbPerS: 100, slowMs: 9, fastMs: 3.06, split: someSplit('block.2') },
    ],
  },
};

const find = <T extends HTMLElement>(selector: string): T => {
  const element = document.querySelector<T>(selector);
  if (!element) throw new Error(`no ${selector}`);
  return element;
};
const panel = (): HTMLElement => find('#split');
const use = (): HTMLElement => find('#split .apply-button');
const headline = (): string => find('#split .split-headline').textContent;
const slideTo = (gbPerS: number): void => {
  const slider = find<HTMLInputElement>('#split-bandwidth');
  slider.value = String(Math.log10(gbPerS));
  slider.dispatchEvent(new Event('input'));
};

let view: OpenedView;
beforeEach(async () => {
  view = await openView(inputs);
});
afterEach(nextFrame);

describe('a machine of one device', () => {
  const first = { id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * gib };
  const alone = { ...inputs, devices: [first] };
  const adding = (): HTMLElement => find('#split .split-second');
  const pick = (label: string, value: string): void => {
    const list = find<HTMLInputElement>(`#split .split-second [aria-label="${label}"]`);
    list.value = value;
    list.dispatchEvent(new Event('change'));
  };

  it('is asked nothing, gets a second device by a click, and then is split', async () => {
    view = await openView(alone);
    find('#split-button').click();
    expect(view.sent('ask-split')).toEqual([]);
    expect(adding().hidden).toBe(false);
    adding().querySelector('button')!.click();
    expect(view.sent('edit')).toMatchObject([
      { edit: { kind: 'devices', devices: [first, { id: 'gpu1', name: 'RTX 4090' }] } },
    ]);
    await untilFrame(() => view.sent('ask-split').length > 0);
    expect(adding().hidden).toBe(true);
  });

  it('can be made of unlike devices, or a common one', async () => {
    view = await openView(alone);
    find('#split-button').click();
    pick('Add another device', 'T4');
    expect(view.sent('edit')).toMatchObject([{ edit: { devices: [first, { id: 'gpu1', name: 'T4' }] } }]);
    await untilFrame(() => view.sent('ask-split').length > 0);

    view = await openView(alone);
    find('#split-button').click();
    pick('Take a common machine', 'edge-pi-server');
    expect(view.sent('edit')).toMatchObject([{ edit: { kind: 'machine' } }]);
    await untilFrame(() => view.sent('ask-split').length > 0);
  });
});

describe('the panel of splits', () => {
  it('asks when it is first opened, between what is in its fields', async () => {
    expect(panel().hidden).toBe(true);
    find('#split-button').click();
    expect(panel().hidden).toBe(false);
    expect(view.sent('ask-split')).toMatchObject([{ question: {} }]);
    await view.show({ split: state });
    const device = panel().querySelectorAll<HTMLInputElement>('vscode-dropdown')[0];
    device.value = 'server';
    device.dispatchEvent(new Event('change'));
    find('#split .question-form > vscode-button').click();
    expect(view.sent('ask-split')[1]).toMatchObject({ question: { between: ['server', 'edge'] } });
  });

  it('opens when a command has asked, shows the work, and what went wrong', async () => {
    const asked = { ...state, answer: undefined };
    await view.show({ split: { ...asked, progress: 0 } });
    expect(document.activeElement).toBe(panel());
    expect(find('#split .question-activity').hidden).toBe(false);
    const error = { code: 'bad-usage', message: 'No link.', hint: 'Link them.' } as const;
    await view.show({ split: { ...asked, error } });
    expect(panel().textContent).toContain('No link. Link them.');
    expect(find('#split .split-answer').hidden).toBe(true);
  });

  it('closes another one that is open, and by Escape', () => {
    find('#scale-button').click();
    find('#split-button').click();
    expect([find('#scale').hidden, panel().hidden]).toEqual([true, false]);
    panel().dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    expect(panel().hidden).toBe(true);
  });

  it('follows the slider, a row of the table, and the way back to the link', async () => {
    find('#split-button').click();
    await view.show({ split: state });
    expect(headline()).toBe('5.00 ms at 2 GB/s');
    expect(panel().textContent).toContain('no split that fits the memory of both takes less');
    slideTo(0.01);
    expect(headline()).toBe('9.00 ms at 10 MB/s');
    expect(panel().textContent).toContain('nothing crosses the link');
    expect(panel().textContent).not.toContain('What crosses the cut');
    const rows = [...panel().querySelectorAll('.split-segments tbody tr')];
    expect(rows.map((row) => row.getAttribute('aria-current'))).toEqual(['true', null]);
    rows[1].querySelector('button')?.click();
    expect(headline()).toBe('9.00 ms at 1 GB/s');
    expect(panel().textContent).toContain('out of block.2');
    expect(find<HTMLInputElement>('#split-bandwidth').getAttribute('aria-valuetext')).toContain('1 GB/s');
    [...panel().querySelectorAll('button')].find(({ textContent }) => textContent === 'At the link')?.click();
    expect(headline()).toBe('5.00 ms at 2 GB/s');
  });

  it('draws a tick for every break point, the curve, and a line for each device alone', async () => {
    find('#split-button').click();
    await view.show({ split: state });
    expect(panel().querySelectorAll('.split-break')).toHaveLength(1);
    expect(panel().querySelectorAll('.split-alone')).toHaveLength(2);
    expect(panel().querySelector('.split-curve')?.getAttribute('d')).toMatch(/^M[\d.,L]+$/);
  });

  it('uses the split on screen as one edit, which undo takes back', async () => {
    find('#split-button').click();
    await view.show({ split: state });
    slideTo(50);
    use().click();
    await untilFrame(() => use().textContent === 'In use');
    expect(view.sent('edit')).toMatchObject([{ edit: someSplit('block.2').edit }]);
    expect(find('#split .question-stale').textContent).toContain('undo to try another one');
    // Another split leads on from the step before only.
    slideTo(0.01);
    expect(use().getAttribute('aria-disabled')).toBe('true');
    slideTo(50);
    find('#split .question-stale .link-button').click();
    await untilFrame(() => use().textContent === 'Use this split');
    expect(find('#split .question-stale').hidden).toBe(true);
  });
});
