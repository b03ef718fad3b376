import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import type { PlanInputs } from '../../../../planner-core/plan/planInputs';
import { PlannerSession } from '../../../../planner-core/session/plannerSession';

const samples = [
  ['tiny_transformer.train.pt2', {}],
  ['tiny_mlp.train.onnx', { batch: 65536 }],
] as const;

/** From a byte in a quarter of an hour to the whole step in a nanosecond. */
const ratesGBPerS = [1e-12, 0.5, 12, 1e9];
const budgets = Array.from({ length: 10 }, (_, i) => 0.95 - 0.05 * i);

describe.each(samples)('recomputing and offloading %s', (file, dims) => {
  it('is never slower than recomputing alone, and keeps the budget, whatever the link', async () => {
    const bytes = readFileSync(path.resolve('samples', file));
    const session = PlannerSession.open(new MemoryByteSource(bytes), file);
    const base = session.defaultInputs([{ id: 'gpu0', name: 'T4', memoryBytes: 16 * 2 ** 30 }]);
    const wanted: PlanInputs = { ...base, strategy: 'schedule', workload: { ...base.workload, dims } };
    const { keepAllPeakBytes } = session.configure(wanted);
    const timesAt = async (changes: Partial<PlanInputs>): Promise<number[]> => {
      const times: number[] = [];
      for (const share of budgets) {
        const budgetBytes = Math.floor(share * keepAllPeakBytes);
        const { plan, infeasible } = await session.plan({ ...wanted, ...changes, budgetBytes });
        times.push(infeasible ? Infinity : plan.prediction.stepTimeMs);
        if (!infeasible) expect(plan.prediction.peakBytes, `${share}`).toBeLessThanOrEqual(budgetBytes);
      }
      return times;
    };
    const alone = await timesAt({});
    expect(alone.some(Number.isFinite)).toBe(true);
    let faster = 0;
    for (const rate of ratesGBPerS) {
      const link = { name: 'custom', outGBPerS: rate, inGBPerS: rate, latencyMs: 0, shared: rate < 1 };
      const both = await timesAt({ offload: { to: 'host', link } });
      for (const [i, ms] of both.entries()) {
        expect(ms, `${rate} GB/s, ${budgets[i]}`).toBeLessThanOrEqual(alone[i]);
        faster += Number(ms < alone[i]);
      }
    }
    expect(faster).toBeGreaterThan(0);
  });
});
