// @vitest-environment jsdom
import { nextFrame } from '../support/jsdom';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ComparedPlan } from '../../../../planner-core/protocol/comparedPlan';
import type { ViewState } from '../../../../planner-core/protocol/messages';
import { openView, type OpenedView } from '../support/openView';
import { gib, sampleState } from '../support/sample';

const host = await sampleState({ budgetBytes: 4.5 * gib });
const roomier = await sampleState({ budgetBytes: 6 * gib });
let view: OpenedView;
const bar = (): HTMLElement => document.querySelector<HTMLElement>('#compare-bar')!;
const text = (): string => bar().querySelector('.compare-line')!.textContent ?? '';
const button = (name: string): HTMLButtonElement =>
  [...bar().querySelectorAll('button')].find(({ textContent }) => textContent === name)!;
const rows = (): string[][] =>
  [...bar().querySelectorAll('tbody tr')].map((row) =>
    [...row.children].map((cell) => cell.textContent ?? ''),
  );
const select = (): HTMLSelectElement => document.querySelector<HTMLSelectElement>('#timeline select')!;
const choose = async (value: string): Promise<void> => {
  select().value = value;
  select().dispatchEvent(new Event('change'));
  await nextFrame();
  await nextFrame();
};

/** A plan as a file would bring it. */
const stored = (run: number, { step, plan }: ViewState = roomier): ComparedPlan => ({
  step: step!,
  plan: plan!,
  run,
  name: 'old.plan.json',
});

beforeEach(async () => {
  view = await openView(host.inputs);
});

describe('a comparison with a plan of a file', () => {
  it('starts when the host brings one, says what the plan costs against it and which layers differ', async () => {
    expect(bar().hidden).toBe(true);
    await view.show({ compared: stored(1) });
    expect(bar().hidden).toBe(false);
    expect(text()).toMatch(
      /^Against old\.plan\.json:step \+.+ \(\+[\d.]+ %\), peak −.+, kept for backward −.+; \d+ layers? (is|are) decided otherwise\./,
    );
    expect(select().selectedOptions[0].textContent).toBe('old.plan.json');
    const [setting] = rows();
    expect(setting.slice(0, 1)).toEqual(['budget']);
    expect(rows().some((row) => row[1] === 'recompute' && row[2] === 'keep')).toBe(true);
  });

  it('shows the layers that differ, each with both choices', async () => {
    await view.show({ compared: stored(1) });
    button('Show layers').click();
    await nextFrame();
    await nextFrame();
    const differing = document.querySelectorAll('#layers [role="row"][data-other="keep"]');
    expect(differing.length).toBeGreaterThan(0);
    const other = differing[0].querySelector('.is-other')!;
    expect(other.getAttribute('data-choice')).toBe('keep');
    expect(other.getAttribute('aria-label')).toContain('keep in old.plan.json');
    button('Stop comparing').click();
    await nextFrame();
    await nextFrame();
    expect(bar().hidden).toBe(true);
    expect(document.querySelector('#layers .is-other')).toBeNull();
    expect(document.querySelector('#layers [data-other]')).toBeNull();
  });

  it('can be read as texts, where the other plan is one of a file', async () => {
    await view.show({ compared: stored(1) });
    button('In words').click();
    button('Side by side').click();
    expect(view.sent('show-comparison')).toMatchObject([{ form: 'words' }, { form: 'side-by-side' }]);
    await choose('keep-all');
    expect(button('In words').hidden).toBe(true);
    expect(button('Side by side').hidden).toBe(true);
  });

  it('leaves a person’s later choice alone, until another plan is asked for', async () => {
    await view.show({ compared: stored(1) });
    await choose('keep-all');
    await view.show({ progress: { stage: 'planning' } });
    expect(text()).toMatch(/^Against keeping everything:/);
    await view.show({ compared: stored(2) });
    expect(text()).toMatch(/^Against old\.plan\.json:/);
  });

  it('lists in words where values of one plan may go', async () => {
    const shown = roomier.plan!;
    const plan = { ...shown, plan: { ...shown.plan, offload: { to: 'host' } as const } };
    await view.show({ compared: stored(1, { ...roomier, plan }) });
    const offload = rows().find(([what]) => what === 'offload')!;
    expect(offload[1]).toBe('');
    expect(offload[2]).toContain('host memory');
    expect(
      rows()
        .flat()
        .filter((cell) => cell.includes('{')),
    ).toEqual([]);
  });

  it('says so where both plans decide alike', async () => {
    await view.show({ compared: stored(1, host) });
    expect(text()).toContain('step the same, peak the same, kept for backward the same');
    expect(text()).toContain('every layer is decided alike');
    expect(button('Show layers').hidden).toBe(true);
  });
});

it('asks the host for plans that have to be read, and goes on with what was compared', async () => {
  await choose('keep-all');
  await choose('fetch:committed');
  expect(view.sent('compare-with')).toMatchObject([{ source: 'committed' }]);
  expect(select().value).toBe('keep-all');
});
