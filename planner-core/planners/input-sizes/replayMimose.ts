import type { WeightedSize } from '../../plan/sizePlan';
import { directivesOf } from '../../plan/directives';
import { outcomeOf, type MethodOutcome } from './compareMethods';
import { blockValues, bucketedGreedy } from './mimose';
import { candidateOf, type SizedCandidate, type SizedProblem } from './sizedPlanning';
import { isWithin } from '../../plan/sizePlan';

/** Its code rounds a size up to multiples of this: tokens of a sequence. */
const roundedTokens = 5;
/** Rounds of bisection for the least buffer. */
const bufferRounds = 12;

/** What Mimose's planner does on sizes. */
export interface MimoseReplay {
  readonly outcomes: readonly MethodOutcome[];
  readonly candidates: readonly SizedCandidate[];
  /** Different sizes after rounding. */
  readonly planned: number;
  /** How often all of it was replayed, in search of the buffer. */
  readonly rounds: number;
  /** Memory left free; 0 where none keeps every batch within the budget. */
  readonly bufferBytes: number;
}

/**
 * Mimose on sizes of a model, with exact bytes instead of fitted ones: plans are made for the size rounded up, a model's activations
 * that exceed the budget less a buffer are given back block by block, and no peak is simulated. Its scripts give a buffer by hand; here
 * it is the least one, found by bisection, with which no batch is over the budget.
 */
export function replayMimose(
  problem: SizedProblem,
  keepAll: SizedCandidate,
  sizes: readonly WeightedSize[],
  largestFirst: boolean,
): MimoseReplay {
  const { model, layers, budgetBytes } = problem;
  const blocks = blockValues(layers, model.template);
  const plans = new Map<string, SizedCandidate>();
  const largest = sizes
    .map(({ size }) => size)
    .find((size) => sizes.every((other) => isWithin(other.size, size)));
  const rounded = sizes.map(({ size }) => {
    if (size.length > 1) return size;
    const up = [Math.ceil(size[0] / roundedTokens) * roundedTokens];
    return model.hasTemplate(up) && (!largest || up[0] <= largest[0]) ? up : size;
  });
  const bytesOf = new Map<string, number[]>();
  const bytesAt = (size: readonly number[]): number[] => {
    const key = size.join();
    const known = bytesOf.get(key);
    if (known) return known;
    const { valueBytes } = model.stepAt(size);
    const bytes = blocks.map((values) => values.reduce((sum, value) => sum + valueBytes[value], 0));
    bytesOf.set(key, bytes);
    return bytes;
  };
  const planOf = (size: readonly number[], bufferBytes: number): SizedCandidate => {
    const excess = keepAll.peaks.at(size) - (budgetBytes - bufferBytes);
    if (excess <= 0) return keepAll;
    const chosen = bucketedGreedy(bytesAt(size), excess, largestFirst);
    const key = chosen.join();
    const known = plans.get(key) ?? wrapped(problem, chosen);
    plans.set(key, known);
    return known;
  };
  let rounds = 0;
  const replay = (bufferBytes: number): readonly MethodOutcome[] => {
    rounds++;
    return sizes.map(({ size }, i) => outcomeOf(model, planOf(rounded[i], bufferBytes), size));
  };
  const fits = (outcomes: readonly MethodOutcome[]): boolean =>
    outcomes.every(({ peakBytes }) => peakBytes <= budgetBytes);
  let bufferBytes = 0;
  let outcomes = replay(0);
  if (!fits(outcomes)) {
    let [low, high] = [0, budgetBytes];
    if (fits(replay(high))) {
      for (let round = 0; round < bufferRounds; round++) {
        const middle = (low + high) / 2;
        if (fits(replay(middle))) high = middle;
        else low = middle;
      }
      bufferBytes = high;
      outcomes = replay(high);
    }
  }
  const planned = new Set(rounded.map((size) => size.join())).size;
  const used = new Set(rounded.map((size) => planOf(size, bufferBytes)));
  return { outcomes, candidates: [...used], planned, rounds, bufferBytes };
}

function wrapped({ model, layers, pins }: SizedProblem, blocks: readonly number[]): SizedCandidate {
  const decisions = blocks.map((block) => ({
    target: layers.layers[layers.blocks[block]].name,
    kind: 'module' as const,
    choice: 'recompute' as const,
  }));
  const { recomputations } = directivesOf(
    model.template,
    layers,
    [...decisions, ...pins],
    'module-checkpoint',
  );
  return candidateOf(model, 'bucketed greedy', recomputations);
}
