import { expect, test } from 'vitest';
import { uncontrolled } from '../../../planner-core/base/job';
import type { PlanInputs } from '../../../planner-core/plan/planInputs';
import type { BudgetPlan } from '../../../planner-core/planners/planAtBudget';
import type { DeviceRoom } from '../../../planner-core/session/deviceRoom';
import { planForDevice } from '../../../planner-core/session/planForDevice';
import { Random } from '../support/random';
import { gib, inputsOf, openSample } from './goals/goalSupport';

const highestBytes = 900;

/** A device of 1000 bytes on which plans of these peaks take `extraOf` more. */
function roomWhere(extraOf: (peakBytes: number) => number): DeviceRoom {
  const room: Pick<DeviceRoom, 'memoryBytes' | 'requestableBytes' | 'taken' | 'overflowBytes'> = {
    memoryBytes: 1000,
    requestableBytes: highestBytes,
    taken: ({ peakBytes }) => ({ peakBytes, totalBytes: peakBytes + extraOf(peakBytes), toleranceBytes: 0 }),
    overflowBytes: ({ totalBytes = 0 }) => Math.max(0, totalBytes - 1000),
  };
  return room as DeviceRoom;
}

/** The plan of the largest peak within the budget; of the smallest where there is none. */
const planOf =
  (peaks: readonly number[]) =>
  (budgetBytes: number): Promise<BudgetPlan> => {
    const within = peaks.filter((peakBytes) => peakBytes <= budgetBytes);
    const peakBytes = within.length > 0 ? Math.max(...within) : Math.min(...peaks);
    const infeasible = within.length > 0 ? undefined : { leastBytes: peakBytes };
    return Promise.resolve({ peakBytes, infeasible } as unknown as BudgetPlan);
  };

test('what fits is found near the largest budget where blocks always add as much', async () => {
  const random = new Random(7);
  for (let round = 0; round < 200; round++) {
    const peaks = Array.from({ length: 60 }, () => 1 + random.int(0, highestBytes - 1));
    const extra = 100 + random.int(0, 599);
    const { budgetBytes, plan, overflowBytes } = await planForDevice(
      roomWhere(() => extra),
      highestBytes,
      planOf(peaks),
      uncontrolled,
    );
    const largest = Math.max(...peaks.filter((peak) => peak + extra <= 1000), 0);
    expect(overflowBytes === 0, `${extra} ${peaks.join()}`).toBe(largest > 0);
    if (largest > 0) {
      expect(plan.peakBytes).toBeLessThanOrEqual(budgetBytes);
      expect(plan.peakBytes + extra).toBeLessThanOrEqual(1000);
      expect(plan.peakBytes).toBeGreaterThanOrEqual(largest - 100);
    }
  }
});

test('whatever blocks add: a plan is only said to fit where it does, and is the one of its budget', async () => {
  const random = new Random(11);
  for (let round = 0; round < 300; round++) {
    const peaks = Array.from({ length: 20 }, () => 1 + random.int(0, 1199));
    const extras = new Map(peaks.map((peak) => [peak, random.int(0, 499)]));
    const room = roomWhere((peak) => extras.get(peak)!);
    const found = await planForDevice(room, highestBytes, planOf(peaks), uncontrolled);
    const again = await planForDevice(room, highestBytes, planOf(peaks), uncontrolled);
    expect(again).toEqual(found);
    const { budgetBytes, plan, overflowBytes, totalBytes } = found;
    expect(plan).toEqual(await planOf(peaks)(budgetBytes));
    expect(budgetBytes).toBeLessThanOrEqual(highestBytes);
    expect(overflowBytes).toBe(Math.max(0, totalBytes! - 1000));
    const first = await planOf(peaks)(highestBytes);
    if (!first.infeasible && room.overflowBytes(room.taken(first)) === 0)
      expect(budgetBytes, 'nothing is lowered without need').toBe(highestBytes);
  }
});

test('nothing fits: the plan for the highest budget says why', async () => {
  const found = await planForDevice(
    roomWhere(() => 0),
    highestBytes,
    planOf([2000, 3000]),
    uncontrolled,
  );
  expect(found).toMatchObject({ budgetBytes: highestBytes, plan: { peakBytes: 2000, infeasible: {} } });
});

const gpt2 = openSample('gpt2_small');
const tolerance = 150 * 2 ** 20;
const on = (memoryGiB: number, more: Partial<PlanInputs> = {}): PlanInputs => {
  const inputs = inputsOf(gpt2, { optimizer: 'adamw', dims: { batch: 4, seq: 512 } });
  return { ...inputs, devices: [{ ...inputs.devices[0], memoryBytes: memoryGiB * gib }], ...more };
};

test.each([
  ['whole modules', on(5)],
  ['selective', on(5, { strategy: 'selective' })],
  ['offloading', on(5, { offload: { to: 'host' } })],
  ['nearly all', on(6.25)],
] as const)('without a budget the plan fits the device for sure: %s', async (_, inputs) => {
  const { plan, allocators } = await gpt2.plan(inputs);
  const [{ totalBytes, memoryBytes, fit }] = allocators!;
  expect(fit).toBe('fits');
  expect(totalBytes + tolerance).toBeLessThanOrEqual(memoryBytes);
  expect(plan.prediction.peakBytes).toBeLessThanOrEqual(plan.budgetBytes);
  expect(plan.prediction.overheadPercent).toBeGreaterThan(0);
  const told = await gpt2.plan({ ...inputs, budgetBytes: plan.budgetBytes });
  expect(told.plan).toEqual(plan);
});

test('what fits as it is has all that is usable for a budget', async () => {
  const { plan } = await gpt2.plan(on(24));
  expect(plan.budgetBytes).toBe(24 * gib - 450 * 2 ** 20);
  expect(plan.planner).toBe('keep all');
  const onProcessor = await gpt2.plan({ ...on(24), workload: { ...on(24).workload, semantics: 'cpu' } });
  expect(onProcessor.plan.budgetBytes).toBe(24 * gib);
});

test.each([
  ['recomputation', {}],
  ['offloading', { offload: { to: 'host' } }],
] as const)('a budget that the device has no room for is kept, and that is said: %s', async (_, changes) => {
  const { plan, allocators } = await gpt2.plan(on(5, { ...changes, budgetBytes: 5 * gib }));
  expect(plan.budgetBytes).toBe(5 * gib);
  expect(plan.prediction.peakBytes).toBeLessThanOrEqual(5 * gib);
  expect(allocators![0].fit).not.toBe('fits');
});
