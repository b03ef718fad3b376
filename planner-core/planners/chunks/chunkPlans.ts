import type { Job } from '../../base/job';
import { simulate, type Simulation } from '../../simulator/simulate';
import type { StepGraph } from '../../step/stepGraph';
import { chunkSequence, type ChunkSequence } from './chunkSequence';
import { chunkedStep, type ChunkedStep, type ModelTensor } from './chunkedStep';
import { pageChunks } from './pageChunks';
import type { Packing } from './packing';

/** Computations to run again, with the name of who chose them. */
export interface ChunkBase {
  readonly planner: string;
  readonly recomputations: Int32Array;
}

/** A way to run a step with its model data in chunks. */
export interface ChunkPlan {
  readonly chunked: ChunkedStep;
  readonly base: ChunkBase;
  /** Chunks of parameters that the device updates: the first so many; the host updates the others. */
  readonly updatedOnDevice: number;
  readonly budgetBytes: number;
  readonly simulation: Simulation;
  /** Highest memory on the device of all that is no chunk: what is left of the budget is the margin for chunks. */
  readonly otherPeakBytes: number;
}

/** What may be chosen. */
export interface ChunkChoices {
  readonly step: StepGraph;
  readonly tensors: readonly ModelTensor[];
  readonly packings: readonly Packing[];
  readonly bases: readonly ChunkBase[];
  /** Where updates run; 'auto': each number of chunks on the device is tried. */
  readonly updates: 'device' | 'host' | 'auto';
  /** What chunks may take on the host, bytes. */
  readonly hostBytes: number;
}

/** Ways to share out the updates that are simulated for a size and a base, unless one is asked for. */
const sharesAtOnce = 9;

/**
 * Every way to run the step under a budget, simulated. The first device of the step computes, the second is the host.
 * Throws 'cancelled' when the job is.
 */
export async function chunkPlans(choices: ChunkChoices, budgetBytes: number, job: Job): Promise<ChunkPlan[]> {
  const plans: ChunkPlan[] = [];
  for await (const sequence of sequencesOf(choices, job)) {
    const plan = chunkPlan(sequence, budgetBytes);
    if (plan && plan.simulation.perDevicePeakBytes[1] <= choices.hostBytes) plans.push(plan);
  }
  return plans;
}

/**
 * The way that needs the least memory on the device; the fastest of those that need as much. Undefined where the host's
 * memory suffices for none. Throws 'cancelled' when the job is.
 */
export async function leastChunkPlan(choices: ChunkChoices, job: Job): Promise<ChunkPlan | undefined> {
  let least: ChunkPlan | undefined;
  for await (const sequence of sequencesOf(choices, job)) {
    const needed = neededBytes(sequence);
    if (least && needed > least.budgetBytes) continue;
    const plan = chunkPlan(sequence, needed);
    if (!plan || plan.simulation.perDevicePeakBytes[1] > choices.hostBytes) continue;
    if (!least || needed < least.budgetBytes || isFaster(plan, least)) least = plan;
  }
  return least;
}

/** The fastest; of those as fast, the one that wastes least. */
export function fastestChunkPlan(plans: readonly ChunkPlan[]): ChunkPlan | undefined {
  let best: ChunkPlan | undefined;
  for (const plan of plans) if (!best || isFaster(plan, best)) best = plan;
  return best;
}

function isFaster(one: ChunkPlan, other: ChunkPlan): boolean {
  const byTime = one.simulation.stepTimeMs - other.simulation.stepTimeMs;
  return byTime < 0 || (byTime === 0 && one.chunked.wasteBytes < other.chunked.wasteBytes);
}

/** One way under one budget; undefined where it does not fit. */
export function chunkPlan(sequence: SharedSequence, budgetBytes: number): ChunkPlan | undefined {
  const { chunked, base, updatedOnDevice, otherBytes } = sequence;
  const schedule = pageChunks(sequence, budgetBytes);
  if (!schedule) return undefined;
  const simulation = simulate(chunked.step, schedule);
  const otherPeakBytes = otherBytes.reduce((most, bytes) => Math.max(most, bytes), 0);
  return { ...{ chunked, base, updatedOnDevice, budgetBytes, simulation }, otherPeakBytes };
}

/** The least budget of a sequence: all that a computation uses, and what the next one needs beside it. */
export function neededBytes({ chunked, otherBytes, uses }: ChunkSequence): number {
  const { chunkBytes } = chunked.packing;
  const taken = otherBytes.slice();
  for (const { positions, isMade } of uses) {
    const there = new Set<number>();
    positions.forEach((position, i) => {
      there.add(position);
      if (position > 0 && !(isMade && i === 0)) there.add(position - 1);
    });
    for (const position of there) taken[position] += chunkBytes;
  }
  return taken.reduce((most, bytes) => Math.max(most, bytes), 0);
}

/** A sequence with the choices it comes from. */
export interface SharedSequence extends ChunkSequence {
  readonly base: ChunkBase;
  readonly updatedOnDevice: number;
}

async function* sequencesOf(
  { step, tensors, packings, bases, updates }: ChunkChoices,
  job: Job,
): AsyncGenerator<SharedSequence> {
  for (const packing of packings) {
    const chunked = chunkedStep(step, tensors, packing);
    const shares = sharesOf(updates, packing.chunkCount);
    for (const base of bases) {
      for (const updatedOnDevice of shares) {
        await job.checkpoint();
        const sequence = chunkSequence(chunked, base.recomputations, updatedOnDevice);
        yield { ...sequence, base, updatedOnDevice };
      }
    }
  }
}

function sharesOf(updates: ChunkChoices['updates'], chunkCount: number): number[] {
  if (updates !== 'auto') return [updates === 'device' ? chunkCount : 0];
  const count = Math.min(chunkCount + 1, sharesAtOnce);
  const shares = Array.from({ length: count }, (_, i) =>
    Math.round((i * chunkCount) / Math.max(1, count - 1)),
  );
  return [...new Set(shares)];
}
