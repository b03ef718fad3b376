import fc from 'fast-check';
import type { Cluster } from '../../../../planner-core/planners/cluster/collectives';
import type { LayerStack, StackLayer } from '../../../../planner-core/planners/cluster/layerStack';

const layer: fc.Arbitrary<StackLayer> = fc
  .record({
    forwardMs: fc.integer({ min: 1, max: 20 }),
    kept: fc.integer({ min: 4, max: 40 }),
    parameters: fc.integer({ min: 0, max: 30 }),
    handedOn: fc.integer({ min: 0, max: 6 }),
    transient: fc.integer({ min: 0, max: 5 }),
    reductions: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ forwardMs, kept, parameters, handedOn, transient, reductions }) => {
    const forward = { dividedMs: forwardMs, fixedMs: 0.5 };
    return {
      name: 'layer',
      forward,
      backward: { dividedMs: 2 * forwardMs, fixedMs: 1 },
      optimizer: { dividedMs: parameters / 10, fixedMs: 0 },
      recompute: {
        none: { again: { dividedMs: 0, fixedMs: 0 }, keptBytes: kept },
        selective: { again: { dividedMs: forwardMs / 4, fixedMs: 0.25 }, keptBytes: Math.ceil(kept / 2) },
        full: { again: forward, keptBytes: Math.min(handedOn, kept) },
      },
      parameterBytes: parameters,
      gradientBytes: parameters,
      optimizerBytes: 2 * parameters,
      transientBytes: transient,
      handedOnBytes: handedOn,
      reductions,
      reducedBytes: handedOn,
    };
  });

export const stacks: fc.Arbitrary<LayerStack> = fc
  .array(layer, { minLength: 3, maxLength: 7 })
  .map((layers) => ({ layers, samples: 1, macs: 1e9, tiedBytes: 0, optimizerTransientBytes: 0 }));

export const clusterOf = (servers: number, devicesPerServer: number, memoryBytes: number): Cluster => ({
  servers,
  devicesPerServer,
  memoryBytes,
  withinServer: { bytesPerMs: 10, latencyMs: 0.01 },
  betweenServers: { bytesPerMs: 2, latencyMs: 0.1 },
});

/** Time at which the last backward pass of 1F1B ends, event by event; by stage the times of both passes. */
export function simulate1F1B(
  forwardMs: readonly number[],
  backwardMs: readonly number[],
  microBatches: number,
): number {
  const count = forwardMs.length;
  const orders = forwardMs.map((_, stage) => {
    const order: { isForward: boolean; batch: number }[] = [];
    let sent = Math.min(microBatches, count - stage);
    for (let batch = 0; batch < sent; batch++) order.push({ isForward: true, batch });
    for (let batch = 0; batch < microBatches; batch++) {
      order.push({ isForward: false, batch });
      if (sent < microBatches) order.push({ isForward: true, batch: sent++ });
    }
    return order;
  });
  const forwardEnd = forwardMs.map(() => new Map<number, number>());
  const backwardEnd = forwardMs.map(() => new Map<number, number>());
  const next = forwardMs.map(() => 0);
  const clock = forwardMs.map(() => 0);
  for (let moved = true; moved;) {
    moved = false;
    for (let stage = 0; stage < count; stage++) {
      const { isForward, batch } = orders[stage][next[stage]] ?? { isForward: false, batch: -1 };
      if (batch < 0) continue;
      const ready = isForward
        ? stage === 0
          ? 0
          : forwardEnd[stage - 1].get(batch)
        : stage === count - 1
          ? forwardEnd[stage].get(batch)
          : backwardEnd[stage + 1].get(batch);
      if (ready === undefined) continue;
      clock[stage] = Math.max(clock[stage], ready) + (isForward ? forwardMs : backwardMs)[stage];
      (isForward ? forwardEnd : backwardEnd)[stage].set(batch, clock[stage]);
      next[stage]++;
      moved = true;
    }
  }
  return Math.max(...clock);
}
