import type { LayerIndex } from '../../plan/layerIndex';
import type { StepGraph, ValueId } from '../../step/stepGraph';
import { Phase } from '../../step/stepGraph';

/** Modules within this share of a bucket's largest are in the bucket. */
const bucketShare = 0.9;

/**
 * What a checkpoint around each block gives back, as Mimose's collector measures it: values made inside and kept for backward, less what
 * the block hands on. By block, in execution order.
 */
export function blockValues({ layers, blocks }: LayerIndex, step: StepGraph): ValueId[][] {
  const isSaved = new Uint8Array(step.valueCount);
  const readBy: number[][] = Array.from({ length: step.valueCount }, () => []);
  for (let node = 0; node < step.nodeCount; node++) {
    for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
      const value = step.inputs.items[i];
      if (step.nodePhase[node] === Phase.backward) isSaved[value] = 1;
      else if (step.nodePhase[node] === Phase.forward) readBy[value].push(node);
    }
  }
  return blocks.map((id) => {
    const inside = new Set(layers[id].forwardNodes);
    return layers[id].forwardNodes.flatMap((node) => {
      const made = Array.from(
        step.outputs.items.subarray(step.outputs.offsets[node], step.outputs.offsets[node + 1]),
      );
      return made.filter((value) => isSaved[value] && readBy[value].every((reader) => inside.has(reader)));
    });
  });
}

/**
 * Blocks to wrap so that at least `excessBytes` are given back: the bucketed greedy of Mimose (arXiv 2209.02478, and its
 * published code). Blocks by bytes, in buckets of like ones, inside a bucket the earliest first; while too little is given back, the
 * smallest that covers the rest, else, as the code has it, the smallest of all, or, with `largestFirst`, as the text
 * has it, the largest.
 */
export function bucketedGreedy(
  blockBytes: readonly number[],
  excessBytes: number,
  largestFirst: boolean,
): number[] {
  const candidates = inBuckets(blockBytes);
  const chosen: number[] = [];
  let left = excessBytes;
  while (left > 0 && candidates.length > 0) {
    let at = candidates.findLastIndex((block) => blockBytes[block] >= left);
    if (at < 0) at = largestFirst ? 0 : candidates.length - 1;
    const [block] = candidates.splice(at, 1);
    chosen.push(block);
    left -= blockBytes[block];
  }
  return chosen.sort((a, b) => a - b);
}

/** Descending by bytes, but for blocks of a bucket: the later of them stand first, so that a scan from the end meets the earliest. */
function inBuckets(blockBytes: readonly number[]): number[] {
  const descending = blockBytes
    .map((_, block) => block)
    .sort((a, b) => blockBytes[b] - blockBytes[a] || a - b);
  const ordered: number[] = [];
  for (let start = 0; start < descending.length;) {
    const largest = blockBytes[descending[start]];
    let end = start + 1;
    while (end < descending.length && blockBytes[descending[end]] >= bucketShare * largest) end++;
    ordered.push(...descending.slice(start, end).sort((a, b) => b - a));
    start = end;
  }
  return ordered;
}
