import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import { HeadroomError } from '../../../../planner-core/base/errors';
import type { OffloadLink } from '../../../../planner-core/plan/offloadTarget';
import type { PlanInputs } from '../../../../planner-core/plan/planInputs';
import { parsePlan } from '../../../../planner-core/plan/readPlan';
import { planText } from '../../../../planner-core/plan/writePlan';
import { PlannerSession } from '../../../../planner-core/session/plannerSession';

const file = path.resolve('samples/tiny_transformer.train.pt2');
const session = PlannerSession.open(new MemoryByteSource(readFileSync(file)), 'tiny_transformer.train.pt2');
const base = session.defaultInputs([{ id: 'gpu0', name: 'T4', memoryBytes: 16 * 1024 ** 3 }]);
const keepAllPeakBytes = session.configure(base).keepAllPeakBytes;
const link: OffloadLink = {
  ...{ name: 'custom', outGBPerS: 12, inGBPerS: 12 },
  ...{ latencyMs: 0, shared: false, joulesPerGB: 0.2 },
};
const inputsAt = (share: number, changes: Partial<PlanInputs> = {}): PlanInputs => ({
  ...base,
  budgetBytes: Math.floor(share * keepAllPeakBytes),
  ...changes,
});

describe('offloading in a session', () => {
  it('is never worse than recomputing alone, in time and in energy, and its plan file says the same again', async () => {
    let offloaded = 0;
    for (const share of [0.9, 0.8, 0.7]) {
      const alone = await session.plan(inputsAt(share));
      const both = await session.plan(inputsAt(share, { offload: { to: 'host', link } }));
      if (!alone.infeasible)
        expect(both.plan.prediction.stepTimeMs).toBeLessThanOrEqual(alone.plan.prediction.stepTimeMs);
      if (both.infeasible) continue;
      expect(both.plan.prediction.peakBytes).toBeLessThanOrEqual(share * keepAllPeakBytes);
      session.check(parsePlan(planText(both.plan)));
      offloaded += both.offload!.transfers.length;
      const energy = { minimise: 'energy', offload: { to: 'host', link } } as const;
      const least = await session.plan(inputsAt(share, energy));
      expect(least.energy!.joules).toBeLessThanOrEqual(both.energy!.joules + 1e-9);
    }
    expect(offloaded).toBeGreaterThan(0);
  });

  it('is no slower than DELTA, whose plan may be the answer and then says the same again', async () => {
    let compared = 0;
    for (const share of [0.9, 0.8]) {
      const inputs = inputsAt(share, { offload: { to: 'host', link }, strategy: 'schedule' });
      const { baselines } = await session.frontier(inputs);
      const { plan, infeasible } = await session.plan(inputs);
      expect(infeasible).toBeUndefined();
      session.check(parsePlan(planText(plan)));
      for (const { name, peakBytes, stepTimeMs } of baselines) {
        if (!name.startsWith('DELTA') || peakBytes > plan.budgetBytes) continue;
        const under = await session.plan({ ...inputs, budgetBytes: peakBytes });
        expect(under.plan.prediction.stepTimeMs, name).toBeLessThanOrEqual(stepTimeMs + 1e-9);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(0);
  });

  it('shows transfers, waiting and memory that add up', async () => {
    const { offload, plan } = await session.plan(inputsAt(0.75, { offload: { to: 'host', link } }));
    const moved = (direction: 'out' | 'in'): number =>
      offload!.transfers
        .filter((transfer) => transfer.direction === direction)
        .reduce((sum, transfer) => sum + transfer.bytes, 0);
    expect([moved('out'), moved('in')]).toEqual([offload!.outBytes, offload!.inBytes]);
    expect(Math.max(0, ...offload!.memory.bytes)).toBe(offload!.peakBytes);
    expect(plan.prediction.offloadPeakBytes).toBe(offload!.peakBytes);
    for (const { startMs, endMs } of offload!.stalls) expect(endMs).toBeGreaterThan(startMs);
    expect(offload!.stallMs).toBeLessThanOrEqual(plan.prediction.stallMs! + 1e-9);
    for (const { exposedMs, transferMs } of offload!.values)
      expect(exposedMs).toBeLessThanOrEqual(transferMs);
  });

  it('makes least of what it is told: joules of a dear link are saved, and waiting beats computing again', async () => {
    const ask = (share: number, change: Partial<OffloadLink>, minimise: PlanInputs['minimise']) =>
      session.plan(
        inputsAt(share, {
          ...{ minimise, carbonGramsPerKWh: 400 },
          offload: { to: 'host', link: { ...link, ...change } },
        }),
      );
    const dear = { joulesPerGB: 5000 };
    const fast = await ask(0.9, dear, 'time');
    const frugal = await ask(0.9, dear, 'energy');
    expect(fast.offload!.outBytes).toBeGreaterThan(0);
    expect(frugal.offload!.outBytes).toBe(0);
    expect(frugal.plan.prediction.stepTimeMs).toBeGreaterThan(fast.plan.prediction.stepTimeMs);
    expect(frugal.energy!.joules).toBeLessThan(fast.energy!.joules);

    // The board draws a quarter of its power while it waits for a slow link.
    const slow = { outGBPerS: 1, inGBPerS: 1, joulesPerGB: 0 };
    const computing = await ask(0.75, slow, 'time');
    const waiting = await ask(0.75, slow, 'energy');
    expect(computing.offload!.outBytes).toBe(0);
    expect(waiting.offload!.outBytes).toBeGreaterThan(0);
    expect(waiting.plan.prediction.stepTimeMs).toBeGreaterThan(computing.plan.prediction.stepTimeMs);
    expect(waiting.energy!.joules).toBeLessThan(computing.energy!.joules);

    const clean = await ask(0.75, slow, 'carbon');
    expect(clean.plan.prediction).toEqual(waiting.plan.prediction);
    const gramsOf = (joules: number): number => (400 * joules) / 3.6e6;
    expect(clean.plan.prediction.carbonGrams).toBeCloseTo(gramsOf(waiting.energy!.joules), 12);
  });

  it('keeps to the memory that may be used, and refuses links that carry nothing', async () => {
    const memoryBytes = 4096 * 64;
    const limited = await session.plan(inputsAt(0.8, { offload: { to: 'host', link, memoryBytes } }));
    expect(limited.offload!.peakBytes).toBeLessThanOrEqual(memoryBytes);
    for (const rate of [-1, 0, NaN, Infinity]) {
      for (const way of ['outGBPerS', 'inGBPerS']) {
        const bad = { to: 'host', link: { ...link, [way]: rate } } as const;
        const configure = (): unknown => session.configure(inputsAt(0.8, { offload: bad }));
        expect(configure).toThrow(HeadroomError);
        expect(configure).toThrow(`moves ${rate} GB/s`);
      }
    }
    const none = { to: 'host', link, memoryBytes: 0 } as const;
    expect(() => session.configure(inputsAt(0.8, { offload: none }))).toThrow(/0 bytes/);
  });

  it('prices a pin by what the plan that may offload too would save without it', async () => {
    const block = session
      .configure(base)
      .layers.find(({ kind, label }) => kind === 'module' && /\d/.test(label))!;
    const pin = { target: block.name, kind: 'module', choice: 'recompute', pinned: true } as const;
    const free = inputsAt(0.9, { offload: { to: 'host', link } });
    const pinned = { ...free, pins: [pin] };
    const [without, under] = [await session.plan(free), await session.plan(pinned)];
    const saved = under.plan.prediction.overheadPercent - without.plan.prediction.overheadPercent;
    expect(saved).toBeGreaterThan(0);
    const [price] = await session.pinPrices(pinned);
    expect(price.overheadPercent).toBeCloseTo(saved, 6);
  });
});
