import { describe, expect, it } from 'vitest';
import type { Proof } from '../../../../planner-core/session/refine';
import { proofText, type ProofWords } from '../../../../webview/header/proofText';
import type { View } from '../../../../webview/state/view';
import { gib, sampleState, viewOf } from '../support/sample';

const budgetBytes = 4.5 * gib;

/** The words for a plan of this overhead and bound; everything else is as in the sample. */
async function words(
  shown: Partial<NonNullable<View['shown']>>,
  proof?: Partial<Proof>,
  minimise?: 'energy' | 'carbon',
): Promise<ProofWords | undefined> {
  const host = await sampleState({ budgetBytes });
  const whole: Proof = {
    budgetBytes,
    strategy: host.inputs.strategy,
    state: 'proving',
    lowerBoundPercent: 0,
    bounds: [],
    infeasibleBytes: 0,
    elapsedMs: 4000,
    ...proof,
  };
  const view = viewOf(proof ? { ...host, proof: whole } : host);
  return proofText({ ...view, inputs: { ...view.inputs, minimise }, shown: { ...view.shown!, ...shown } });
}

describe('the proof line', () => {
  it('tells how much slower, and what is proven, without rounding the bound up', async () => {
    expect(await words({ overheadPercent: 12.34, lowerBoundPercent: 11.98 })).toEqual({
      state: 'known',
      text: '12.3 % slower; no plan under this budget can be less than 11.9 % slower: proven.',
    });
  });

  it('does not speak of what is proven of time where a plan makes least of energy', async () => {
    for (const minimise of ['energy', 'carbon'] as const) {
      const told = await words({ overheadPercent: 12.3, lowerBoundPercent: 12.3 }, undefined, minimise);
      expect(told).toMatchObject({ state: 'known' });
      expect(told?.text).toMatch(
        /^12\.3 % slower, for the least (energy|carbon dioxide) that was found; .* is not proven\.$/,
      );
    }
  });

  it('uses as many digits as it takes to tell plan and bound apart', async () => {
    const told = await words({ overheadPercent: 12.349, lowerBoundPercent: 12.341 });
    expect(told?.text).toContain('12.35 % slower; no plan under this budget can be less than 12.34 %');
  });

  it('says optimal when nothing is left, and only then', async () => {
    expect((await words({ overheadPercent: 12.34, lowerBoundPercent: 12.34 }))?.state).toBe('optimal');
    expect((await words({ overheadPercent: 0, lowerBoundPercent: 0 }))?.text).toBe(
      'Proven optimal: no plan is faster than keeping everything.',
    );
    expect((await words({ overheadPercent: 12.34, lowerBoundPercent: 12.33 }))?.state).toBe('known');
  });

  it('measures a choice of modules by what is proven for such choices', async () => {
    const shown = { overheadPercent: 18.6, lowerBoundPercent: 11.7, strategy: 'module-checkpoint' as const };
    const known = await words(shown, {
      state: 'open',
      strategyBoundPercent: 18.25,
      bestOverheadPercent: 11.8,
    });
    expect(known).toMatchObject({ state: 'known' });
    expect(known?.text).toContain(
      '18.6 % slower; no choice of checkpointed modules can be less than 18.2 % slower: proven.',
    );
    expect(known?.text).toContain('it would be 11.8 %');
    const best = await words(shown, { state: 'open', strategyBoundPercent: 18.6 });
    expect(best).toMatchObject({ state: 'optimal' });
    expect(best?.text).toContain('proven optimal among checkpointed modules');
  });

  it('does not call a bound proven that is not', async () => {
    expect((await words({ overheadPercent: 12.34, lowerBoundPercent: 0 }))?.text).not.toContain('proven.');
    const several = await words({ overheadPercent: 12.34, lowerBoundPercent: 0 }, { state: 'unprovable' });
    expect(several?.text).toMatch(/^Nothing is proven for several devices/);
  });

  it('tells of a placement what is proven of its time, and whether the search goes on', async () => {
    const placement = {
      objective: 'latency',
      measure: 'step',
      timeMs: 11,
      boundMs: 10,
      baselines: [],
      perDevice: [],
      channels: [],
    } as const;
    const open = 'At most 10.0 % slower than the best placement that computes in this order: proven.';
    expect(await words({ placement }, { state: 'open' })).toEqual({ state: 'known', text: open });
    expect(await words({ placement }, { state: 'open', note: 'stopped' })).toMatchObject({
      note: 'Stopped before more was proven.',
    });
    expect(await words({ placement }, { state: 'proving' })).toEqual({
      ...{ state: 'proving', text: open, search: 'Looking for a faster one' },
    });
    const best = { ...placement, boundMs: 11 };
    expect(await words({ placement: best }, { state: 'proving' })).toMatchObject({ state: 'optimal' });
  });

  it('tells how far the search is while it goes on', async () => {
    const told = await words({ overheadPercent: 12.34, lowerBoundPercent: 11.257 }, { state: 'proving' });
    expect(told).toMatchObject({
      state: 'proving',
      text: '12.3 % slower.',
      search: 'Proving… best known bound 11.25 %',
    });
  });

  it('does not apply a search for another budget or strategy to this plan', async () => {
    const shown = { overheadPercent: 12.34, lowerBoundPercent: 11 };
    expect((await words(shown, { budgetBytes: budgetBytes + 1 }))?.search).toBeUndefined();
    expect((await words(shown, { strategy: 'schedule' }))?.search).toBeUndefined();
  });

  it('says why a search ended early, and that what was proven holds', async () => {
    const shown = { overheadPercent: 12.34, lowerBoundPercent: 11 };
    const broken = { state: 'open', note: 'The solver stopped: out of memory.' } as const;
    expect((await words(shown, broken))?.note).toBe(
      'The solver stopped: out of memory. The plan and what was proven hold.',
    );
    expect((await words(shown, { state: 'open', note: 'stopped' }))?.note).toMatch(/^Stopped/);
    expect((await words(shown, { state: 'open' }))?.note).toBeUndefined();
  });

  it('tells what another strategy could do when this one leaves something on the table', async () => {
    const told = await words(
      { overheadPercent: 12.34, lowerBoundPercent: 8 },
      { state: 'open', bestOverheadPercent: 8.2 },
    );
    expect(told?.text).toContain('With any schedule it would be 8.2 %.');
  });

  it('distinguishes a budget that no plan meets from one that none of these plans meets', async () => {
    const shown = { fits: false, lowerBoundPercent: 8 };
    const none = await words(shown, { state: 'infeasible', infeasibleBytes: budgetBytes });
    expect(none).toMatchObject({ state: 'infeasible', text: 'Proven: no plan of any kind fits 4.50 GiB.' });
    expect((await words(shown, { state: 'open' }))?.text).toContain('It is not proven that no plan');
    expect((await words(shown, { state: 'open', bestOverheadPercent: 8.2 }))?.text).toContain(
      'With any schedule one fits 4.50 GiB, 8.2 % slower.',
    );
  });

  it('takes what one computation needs by itself for a proof', async () => {
    const host = await sampleState({ budgetBytes });
    const toldWith = (floorBytes: number): ProofWords | undefined => {
      const view = viewOf({ ...host, frontier: { ...host.frontier!, floorBytes } });
      return proofText({ ...view, shown: { ...view.shown!, fits: false } });
    };
    expect(toldWith(budgetBytes + 1)).toEqual({
      state: 'infeasible',
      text: 'Proven: no plan of any kind fits 4.50 GiB.',
    });
    expect(toldWith(budgetBytes)?.text).toContain('It is not proven that no plan');
  });
});
