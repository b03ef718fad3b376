import { describe, expect, it } from 'vitest';
import { gib, sampleState, viewOf } from '../support/sample';

describe('the plan shown', () => {
  it("is the host's at the host's budget", async () => {
    const { shown } = viewOf(await sampleState({ budgetBytes: 5 * gib }));
    expect(shown?.preview).toBe(false);
    expect(shown?.peakBytes).toBeLessThanOrEqual(5 * gib);
  });

  it("is the frontier's while the slider is elsewhere, with numbers of the simulator", async () => {
    const host = await sampleState({ budgetBytes: 5 * gib });
    const points = host.frontier?.strategies.selective ?? [];
    const point = points[Math.floor(points.length / 2)];
    const { shown, budgetBytes } = viewOf(host, { dragBudgetBytes: point.peakBytes });
    expect(budgetBytes).toBe(point.peakBytes);
    expect(shown?.preview).toBe(true);
    expect(shown?.peakBytes).toBe(point.peakBytes);
    expect(shown?.stepTimeMs).toBeCloseTo(point.stepTimeMs, 9);
    expect(shown?.overheadPercent).toBeCloseTo(point.overheadPercent, 9);
  });

  it('is the one with the least peak, and does not fit, below the frontier', async () => {
    const host = await sampleState();
    const least = host.frontier?.strategies.selective[0].peakBytes ?? 0;
    const { shown } = viewOf(host, { dragBudgetBytes: least - 1 });
    expect(shown?.fits).toBe(false);
    expect(shown?.peakBytes).toBe(least);
  });

  it('is simulated once for each point: the same evaluation comes back', async () => {
    const host = await sampleState();
    const drag = { dragBudgetBytes: 4 * gib };
    expect(viewOf(host, drag).shown?.evaluation).toBe(viewOf(host, drag).shown?.evaluation);
  });

  it("stays the host's while the slider moves where layers are placed: no point of the frontier is", async () => {
    const host = await sampleState({ budgetBytes: 5 * gib });
    const placement = {
      ...({ objective: 'latency', measure: 'step', timeMs: 10, boundMs: 0 } as const),
      ...{ baselines: [], perDevice: [], channels: [] },
    };
    const placed = { ...host, plan: host.plan && { ...host.plan, placement } };
    const { shown } = viewOf(placed, { dragBudgetBytes: 4 * gib });
    expect(shown?.preview).toBe(false);
    expect(shown?.placement).toBe(placement);
    expect(shown?.budgetBytes).toBe(4 * gib);
  });

  it('is absent while there is neither plan nor frontier', async () => {
    const host = { ...(await sampleState()), plan: undefined, frontier: undefined };
    expect(viewOf(host).shown).toBeUndefined();
  });
});
