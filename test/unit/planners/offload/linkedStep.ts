import type { StepGraph } from '../../../../planner-core/step/stepGraph';
import { Random } from '../../support/random';
import { randomStep } from '../../support/randomStep';

/** Bytes of a unit of size in random steps, so that values are worth a transfer. */
const unitBytes = 4096;

/** What the link of a step is like: units a millisecond, or drawn with the step. */
export interface LinkOptions {
  readonly unitsPerMs?: readonly [out: number, back: number];
  readonly latencyMs?: number;
  /** One transfer at a time, both directions together. */
  readonly isShared?: boolean;
}

/** A step with larger values and a link to where they may go. */
export function withLink(step: StepGraph, seed: number, options: LinkOptions = {}): StepGraph {
  const random = new Random(seed + 11);
  const drawn = [random.int(1, 8), random.int(1, 8)] as const;
  const { unitsPerMs = drawn, latencyMs = 0.1, isShared = false } = options;
  const [out, back] = unitsPerMs.map((units) => unitBytes * units);
  return {
    ...step,
    valueBytes: step.valueBytes.map((bytes) => unitBytes * bytes),
    workspaceBytes: step.workspaceBytes.map((bytes) => unitBytes * bytes),
    linkBytesPerMs: Float64Array.of(0, out, back, 0),
    linkLatencyMs: Float64Array.of(0, latencyMs, latencyMs, 0),
    linkChannel: Int32Array.of(-1, 0, isShared ? 0 : 1, -1),
    channels: isShared ? ['both'] : ['out', 'in'],
  };
}

/** A random step whose values are worth a transfer, on one device with a link. */
export const linkedStep = (seed: number, options?: LinkOptions): StepGraph =>
  withLink(randomStep(seed, { forwardNodes: 4 + (seed % 9) }), seed, options);
