import type { StepGraph } from '../../step/stepGraph';
import { KnapsackBound } from '../bounds/knapsackBound';

/** Halvings of the interval that the bound is in. */
const halvings = 40;

/**
 * A proven least added time of plans that may recompute and offload. A plan that adds A to the time T of the step moves
 * at most (T + A) × (bandwidth out + bandwidth in) bytes. Were those kept instead, its recomputations alone would fit a
 * budget larger by as much; so they take at least what the knapsack bound says for that budget, and A is no less.
 * Assumes one device, and that nodes run for the first time in their order.
 */
export function leastAddedWithOffload(step: StepGraph, mayRepeat: Uint8Array, budgetBytes: number): number {
  const bound = new KnapsackBound(step, mayRepeat);
  const host = step.devices.length;
  const bytesPerMs = step.linkBytesPerMs[host] + step.linkBytesPerMs[host * (host + 1)];
  const stepMs = step.durationMs.subarray(0, step.nodeCount).reduce((sum, ms) => sum + ms, 0);
  const isPossible = (addedMs: number): boolean =>
    bound.leastAddedMs(budgetBytes + (stepMs + addedMs) * bytesPerMs) <= addedMs;
  if (bytesPerMs === 0 || isPossible(0)) return 0;
  let low = 0;
  let high = stepMs;
  while (!isPossible(high)) {
    low = high;
    high *= 2;
    if (!Number.isFinite(high)) return 0;
  }
  for (let i = 0; i < halvings && high - low > 1e-6 * stepMs; i++) {
    const middle = (low + high) / 2;
    if (isPossible(middle)) high = middle;
    else low = middle;
  }
  return low;
}
