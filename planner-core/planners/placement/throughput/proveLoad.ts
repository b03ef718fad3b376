import type { Job } from '../../../base/job';
import type { MilpEngine } from '../../../solvers/engine';
import { sequenceOfChance } from '../../schedule/chance';
import type { PeriodPlan } from './annealLoads';
import { Clusters, contracted, expanded, joinedModel, type JoinedModel } from './clusters';
import { LoadProgram } from './loadProgram';
import type { LoadModel } from './loadModel';
import { LoadState } from './loadState';
import { reduceBelow } from './reduceBelow';

export interface LoadProof {
  readonly best: () => PeriodPlan;
  readonly found: (plan: PeriodPlan, planner: string) => void;
  /** Proven: no placement has a shorter period. */
  readonly proven: (boundMs: number) => void;
  readonly isOver: () => boolean;
  readonly leftS: () => number;
}

/** Periods are told apart to this share of them: the engine's tolerance. */
const periodTolerance = 1e-6;
/** Share of the time for the whole; larger programs than this are not even begun. */
const wholeShare = 0.4;
const mostColumns = 4000;
/** A part is solved no longer than this. */
const partS = 4;

/**
 * Solves the integer program of the whole for some of the time, then again and again that of a few devices: the groups
 * there are placed anew while the others stay (large neighbourhood search). Ends when the best plan is proven, when every part is
 * solved without success, or when the time is over.
 */
export async function proveLoad(
  model: LoadModel,
  proof: LoadProof,
  engine: MilpEngine,
  job: Job,
): Promise<void> {
  const whole = reduceBelow(model, proof.best().periodMs);
  if (!whole) {
    proof.proven(proof.best().periodMs);
    return;
  }
  if (whole.model.groupCount * model.deviceCount <= mostColumns) {
    const { bound } = await solve(model, whole, proof, engine, wholeShare * proof.leftS());
    proof.proven(Math.min(bound, proof.best().periodMs));
  }
  const chance = sequenceOfChance(4711);
  let idle = 0;
  for (let size = 2; size < Math.min(5, model.deviceCount) && !proof.isOver();) {
    await job.checkpoint();
    const part = partOf(model, proof.best(), size, chance);
    if (part.model.groupCount * size > mostColumns) return;
    const before = proof.best().periodMs;
    await solve(model, part, proof, engine, Math.min(partS, proof.leftS()));
    idle = proof.best().periodMs < before * (1 - periodTolerance) ? 0 : idle + 1;
    if (idle < 3 * model.deviceCount) continue;
    idle = 0;
    size++;
  }
}

async function solve(
  model: LoadModel,
  part: JoinedModel,
  proof: LoadProof,
  engine: MilpEngine,
  timeLimitS: number,
): Promise<{ bound: number }> {
  const start = proof.best();
  const program = new LoadProgram(part.model, start.periodMs);
  const take = (values: Float64Array): void => {
    const placement = expanded(part, program.placementOf(values));
    const state = new LoadState(model, placement);
    if (state.isValid && state.periodMs < proof.best().periodMs)
      proof.found({ placement, periodMs: state.periodMs }, 'integer program');
  };
  const { bound, incumbent } = await engine.solve(program.program, {
    timeLimitS,
    absoluteGap: periodTolerance * start.periodMs * program.costPerMs,
    start: program.pointOf(contracted(part, start.placement)),
    onProgress: (progress) => progress.incumbent && take(progress.incumbent.values),
  });
  if (incumbent) take(incumbent.values);
  return { bound: bound / program.costPerMs };
}

/** The model in which only groups of some devices may move, among those: the busiest device and others by chance. */
function partOf(model: LoadModel, best: PeriodPlan, size: number, chance: () => number): JoinedModel {
  const { groupCount, deviceCount } = model;
  const { loadMs } = new LoadState(model, best.placement);
  const others = Array.from({ length: deviceCount }, (_, device) => device).sort(
    (a, b) => loadMs[b] - loadMs[a],
  );
  const isFree = new Uint8Array(deviceCount);
  isFree[others.shift()!] = 1;
  for (let i = 1; i < size; i++) isFree[others.splice(Math.floor(chance() * others.length), 1)[0]] = 1;
  const clusters = new Clusters(groupCount);
  const first = new Int32Array(deviceCount).fill(-1);
  for (let group = 0; group < groupCount; group++) {
    const device = best.placement[group];
    if (isFree[device]) continue;
    if (first[device] < 0) first[device] = group;
    else clusters.join(first[device], group);
  }
  const joined = joinedModel(model, clusters);
  const home = contracted(joined, best.placement);
  const timeMs = joined.model.timeMs.map((time, at) => {
    const device = Math.floor(at / joined.model.groupCount);
    const own = home[at % joined.model.groupCount];
    return isFree[own] ? (isFree[device] ? time : Infinity) : own === device ? time : Infinity;
  });
  return { ...joined, model: { ...joined.model, timeMs } };
}
