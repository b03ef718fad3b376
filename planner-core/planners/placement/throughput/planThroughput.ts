import { HeadroomError } from '../../../base/errors';
import { ControlledJob, type Job } from '../../../base/job';
import type { MilpEngine } from '../../../solvers/engine';
import { loadBound } from '../bounds/loadBound';
import type { Placement, PlacementProblem } from '../problem';
import type { PeriodPlan } from './annealLoads';
import { annealLoads } from './annealLoads';
import { exactPeriod } from './exactPeriod';
import { loadModelOf } from './loadModel';
import { proveLoad, type LoadProof } from './proveLoad';
import { searchPeriod } from './searchPeriod';
import { byRoom, contiguousStart, quickStarts, type NamedPlan } from './starts';

export interface ThroughputOptions {
  readonly engine?: MilpEngine;
  /** Seconds for everything; without, the search ends by itself and the engine soon after. */
  readonly timeLimitS?: number;
  /** Rounds of the search. */
  readonly rounds?: number;
  /** Called with every plan that is better than those before it. */
  readonly onPlan?: (plan: NamedPlan) => void;
  /** Told what is proven, whenever it is more than before. */
  readonly onBound?: (boundMs: number) => void;
}

export interface ThroughputPlan {
  readonly placement: Placement;
  /** Time for each sample of the busiest device or channel. */
  readonly periodMs: number;
  /** Proven: no placement has a shorter period. */
  readonly boundMs: number;
  /** What found the placement. */
  readonly planner: string;
}

/** Small problems are closed within so many steps, the others left after them. */
const exactSteps = 400_000;
const mostExactGroups = 400;
const usualRounds = 32;
/** The engine's thread needs so long to be gone. */
const engineEndS = 0.8;
/** Of the search: the engine ends with it, more or less. */
const engineSPerRound = 0.3;

/**
 * Places groups so that a pipeline's period is shortest: contiguous splits first, then a search that may part them, beside it
 * an integer program that improves and proves. undefined when no placement within the memory limits was found.
 * Throws 'bad-usage' for transfers that never overlap.
 */
export async function planThroughput(
  problem: PlacementProblem,
  job: Job,
  { engine, timeLimitS, rounds = usualRounds, onPlan, onBound }: ThroughputOptions,
): Promise<ThroughputPlan | undefined> {
  const model = loadModelOf(problem);
  const startedMs = performance.now();
  const leftS = (): number => (timeLimitS ?? Infinity) - (performance.now() - startedMs) / 1000;
  let best: NamedPlan | undefined;
  let boundMs = 0;
  const found = (plan: NamedPlan): void => {
    if (best && plan.periodMs >= best.periodMs) return;
    best = plan;
    onPlan?.(plan);
  };
  const proven = (ms: number): void => {
    if (!best || Math.min(ms, best.periodMs) <= boundMs) return;
    boundMs = Math.min(ms, best.periodMs);
    onBound?.(boundMs);
  };
  const isProven = (): boolean => best !== undefined && best.periodMs <= boundMs * (1 + 1e-9);
  const isOver = (): boolean => isProven() || leftS() <= 0;

  await quickStarts(problem, model, found, job);
  if (model.groupCount <= mostExactGroups && (!best || leftS() > 0)) {
    const exact = await exactPeriod(
      model,
      (best as NamedPlan | undefined)?.periodMs ?? Infinity,
      exactSteps,
      job,
    );
    if (exact.plan) found({ ...exact.plan, planner: 'branch and bound' });
    if (exact.isComplete) return best && { ...(best as NamedPlan), boundMs: (best as NamedPlan).periodMs };
  }
  if (!best) {
    const limits = { moves: 200_000, seed: 1, temperature: 0.1, isOver };
    const repaired = await annealLoads(model, byRoom(model), limits, job);
    if (repaired.periodMs < Infinity) found({ ...repaired, planner: 'annealing' });
  }
  const current = (): NamedPlan => {
    if (!best) throw new HeadroomError('internal', 'There is no plan to improve.');
    return best;
  };
  if (!best) return undefined;
  proven(loadBound(model, current().periodMs));
  if (leftS() > 0) await contiguousStart(problem, model, current().periodMs, found, job);

  // Both let messages in: the engine's thread is heard while the search runs.
  const yielding = new ControlledJob();
  const shared: Job = {
    progress: (fraction) => job.progress(fraction),
    checkpoint: async () => {
      await job.checkpoint();
      await yielding.checkpoint();
    },
  };
  const named = (plan: PeriodPlan, planner: string): void => found({ ...plan, planner });
  const search = searchPeriod(model, { best: current, found: named, rounds, isOver }, shared);
  const limitS = Math.min(timeLimitS ?? Infinity, engineSPerRound * rounds);
  const engineLeftS = (): number => limitS - engineEndS - (performance.now() - startedMs) / 1000;
  const proof: LoadProof = {
    best: current,
    found: named,
    proven,
    isOver: () => isProven() || engineLeftS() <= 0,
    leftS: engineLeftS,
  };
  const proving = engine && engineLeftS() > 0 ? proveLoad(model, proof, engine, shared) : undefined;
  await Promise.all([search, proving?.catch(ignoreBroken)]);
  const { placement, periodMs, planner } = current();
  return { placement, periodMs, boundMs: Math.min(boundMs, periodMs), planner };
}

/** An engine that breaks ends only its part. */
function ignoreBroken(thrown: unknown): void {
  if (!(thrown instanceof HeadroomError && thrown.code === 'solver-failed')) throw thrown;
}
