import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryFits } from '../../../planner-core/plan/memoryFit';
import type { Plan, PlanDevice, Prediction } from '../../../planner-core/plan/plan';

const bytes = fc.integer({ min: 0, max: 100 });

const planOf = (
  devices: readonly PlanDevice[],
  budgetBytes: number,
  prediction: Partial<Prediction>,
  offload?: Plan['offload'],
): Plan => ({ devices, budgetBytes, prediction, offload }) as unknown as Plan;

test('a plan fits when every device has what it needs, and the first one stays within the budget', () => {
  const row = fc.record({ memory: bytes, peak: bytes, inFlight: fc.option(bytes, { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), bytes, (rows, budgetBytes) => {
      const ids = rows.map((_, i) => `gpu${i}`);
      const record = (values: readonly number[]): Record<string, number> =>
        Object.fromEntries(values.map((value, i) => [ids[i], value]));
      const inFlight = rows.map(({ peak, inFlight: more }) => more ?? peak);
      const plan = planOf(
        rows.map(({ memory }, i) => ({ id: ids[i], name: 'T4', memoryBytes: memory })),
        budgetBytes,
        {
          perDevicePeakBytes: record(rows.map(({ peak }) => peak)),
          throughput: { timeMs: 1, perDevicePeakBytes: record(inFlight) },
        },
      );
      const needs = rows.map(({ peak }, i) => Math.max(peak, inFlight[i]));
      const expected = needs[0] <= budgetBytes && rows.every(({ memory }, i) => needs[i] <= memory);
      const found = memoryFits(plan);
      expect(found.every(({ fits }) => fits)).toBe(expected);
      expect(found.length).toBe(rows.length + 1);
    }),
  );
});

test('devices that stand for several are held apart, and so is what offloading may take', () => {
  const plan = planOf(
    [{ id: 'gpu', name: 'T4', memoryBytes: 10, count: 2 }],
    9,
    { perDevicePeakBytes: { 'gpu.0': 9, 'gpu.1': 11 }, offloadPeakBytes: 6 },
    { to: 'host', memoryBytes: 5 },
  );
  expect(memoryFits(plan).map(({ place, limit, fits }) => [place, limit, fits])).toEqual([
    ['gpu.0', 'budget', true],
    ['gpu.0', 'device', true],
    ['gpu.1', 'device', false],
    ['host', 'offload', false],
  ]);
});
