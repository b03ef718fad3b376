import { appendTo } from '../../base/groups';
import { keepEverything, type Paging } from '../../simulator/schedule';
import { sequenceOf } from '../../simulator/sequence';
import type { StepGraph } from '../../step/stepGraph';
import type { Away } from './sizedModel';

/**
 * When offloaded activations are surely not on the device, however long transfers take: from the computation that waits
 * until they have left to the one before the first that could have them back. What nothing waits for may be there all along.
 */
export function awayPositions(step: StepGraph, recomputations: Int32Array, paging: Paging): Away[] {
  const { nodes, again } = sequenceOf(step, { ...keepEverything, recomputations });
  const offloaded = new Set(paging.offloads);
  const uses = usesOf(step, nodes, offloaded);
  const firstOf = firstPositions(step.nodeCount, again);
  const positionsOf = (pairs: Int32Array | undefined, value: number): number[] =>
    Array.from({ length: (pairs?.length ?? 0) / 2 }, (_, i) => i)
      .filter((i) => pairs![2 * i + 1] === value)
      .map((i) => firstOf[pairs![2 * i]]);
  return [...offloaded].flatMap((value): Away[] => {
    const [from] = positionsOf(paging.waits, value);
    const used = uses.get(value) ?? [];
    const after = used.findLast((position) => position < from);
    const next = used.find((position) => position >= from);
    if (from === undefined || after === undefined || next === undefined) return [];
    const fetched = positionsOf(paging.fetches, value).filter((position) => position > after);
    // A transfer back begins while what precedes it runs.
    const until = Math.min(next, ...fetched) - 1;
    return from < until ? [{ value, from, until }] : [];
  });
}

function usesOf(step: StepGraph, nodes: Int32Array, values: ReadonlySet<number>): Map<number, number[]> {
  const uses = new Map<number, number[]>();
  nodes.forEach((node, position) => {
    for (const rows of [step.inputs, step.updates, step.outputs]) {
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) {
        const value = rows.items[i];
        if (values.has(value)) appendTo(uses, value, position);
      }
    }
  });
  return uses;
}

/** By base node: the first position of what is computed again for it, or its own. */
function firstPositions(nodeCount: number, again: Uint8Array): Int32Array {
  const firstOf = new Int32Array(nodeCount);
  for (let position = 0, base = 0, first = 0; position < again.length; position++) {
    if (again[position]) continue;
    firstOf[base++] = first;
    first = position + 1;
  }
  return firstOf;
}
