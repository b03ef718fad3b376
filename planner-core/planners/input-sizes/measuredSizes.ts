import { alignCalls } from '../../measurements/alignCalls';
import type { MeasuredCall } from '../../measurements/measuredRun';
import type { StepCall } from '../../measurements/stepCalls';
import type { Job } from '../../base/job';

/** Computations of a step, and those of the step with one dimension changed. */
export interface ProbedDimension {
  readonly name: string;
  readonly size: number;
  readonly otherSize: number;
  readonly other: readonly StepCall[];
}

/**
 * The sizes that measured calls ran with, by dimension: calls and computations are aligned whatever their shapes, and at each axis of an
 * input that is nothing but the dimension the call tells a size; what most of them tell. A dimension that no call tells is missing.
 */
export async function measuredSizes(
  nodes: readonly StepCall[],
  probes: readonly ProbedDimension[],
  calls: readonly MeasuredCall[],
  job: Job,
): Promise<Map<string, number>> {
  const forward = calls.filter(({ phase, inputShapes }) => phase === 'forward' && inputShapes);
  const pairs = await alignCalls(nodes, forward, job, false);
  const found = new Map<string, number>();
  for (const { name, size, otherSize, other } of probes) {
    const votes = new Map<number, number>();
    for (const [node, call] of pairs) {
      const shapes = forward[call].inputShapes!;
      nodes[node].inputShapes.forEach((shape, i) => {
        const changed = other[node]?.inputShapes[i];
        if (shapes[i]?.length !== shape.length || changed?.length !== shape.length) return;
        shape.forEach((extent, axis) => {
          if (extent !== size || changed[axis] !== otherSize) return;
          votes.set(shapes[i][axis], (votes.get(shapes[i][axis]) ?? 0) + 1);
        });
      });
    }
    const most = [...votes].sort(([a, x], [b, y]) => y - x || a - b).at(0);
    if (most) found.set(name, most[0]);
  }
  return found;
}

const toldSize = /(?:^|[^A-Za-z0-9])([A-Za-z_]\w*)=(\d+(?:,\d+)*)/g;

/**
 * Sizes that the name of a file tells, by dimension, one for each step or one for all: `run@seq=64,128.json`, `batch=8.seq=128.json`.
 * Names that are no dimensions mean nothing.
 */
export function sizesInName(file: string, dimensions: readonly string[]): ReadonlyMap<string, number[]> {
  const told = new Map<string, number[]>();
  for (const [, name, sizes] of file.matchAll(toldSize))
    if (dimensions.includes(name)) told.set(name, sizes.split(',').map(Number));
  return told;
}
