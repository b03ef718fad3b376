import { HeadroomError } from '../../base/errors';
import { formatMemory } from '../../base/format';
import type { Job } from '../../base/job';
import { directivesOf } from '../../plan/directives';
import type { LayerIndex } from '../../plan/layerIndex';
import type { Decision, Strategy } from '../../plan/plan';
import { compileSchedule } from '../../simulator/compileSchedule';
import { keepEverything, Op, type Directives, type Schedule } from '../../simulator/schedule';
import { simulate, type Simulation } from '../../simulator/simulate';
import type { StepGraph } from '../../step/stepGraph';
import type { MilpEngine } from '../../solvers/engine';
import { withPins } from '../context';
import { placementBaselines } from './baselines/baselines';
import { LatencyModel } from './latency/latencyModel';
import { planLatency } from './latency/planLatency';
import { placementOfStep, type StepPlacement } from './ofStep';
import { placedDecisions } from './placedDecisions';
import { placedOutcome } from './placedOutcome';
export { periodMs } from './placedOutcome';
import type { Placement, PlacementProblem } from './problem';
import { planThroughput } from './throughput/planThroughput';
import { fractionalLoad } from './bounds/loadBound';
import { loadModelOf } from './throughput/loadModel';
import { inFewerStages } from './throughput/mergeStages';
import { hasLikeDevices, replicatedStep } from './throughput/replicatedStep';

export type PlacementObjective = 'latency' | 'throughput';

/** What to place, and how. */
export interface PlaceRequest {
  readonly step: StepGraph;
  readonly layers: LayerIndex;
  readonly pins: readonly Decision[];
  readonly strategy: Strategy;
  readonly objective: PlacementObjective;
  /** Limit of each device. */
  readonly memoryBytes: readonly number[];
  /** Of a training step, whose times are those of all; 1 when absent. */
  readonly microBatches?: number;
  /** By node: where the model file has it run; -1 where it does not say. Counts as a simple rule. */
  readonly hints?: ArrayLike<number>;
  /** Proves more, and finds better plans of small steps. */
  readonly engine?: MilpEngine;
  /** Rounds of the search for the least latency; few when absent. */
  readonly rounds?: number;
  /** Ends the searches, with the best they have found. */
  readonly timeLimitS?: number;
  /** Told what is known each time that a faster placement is found, or more is proven. */
  readonly onImproved?: (placed: PlacedStep) => void;
}

/** A placement with what the simulator says of it. */
export interface EvaluatedPlacement {
  readonly name: string;
  readonly directives: Directives;
  /** What is to be least: see `PlacedOutcome`. */
  readonly timeMs: number;
  readonly peakBytes: readonly number[];
  readonly fits: boolean;
}

/** A placement as decisions. */
export interface DecidedPlacement extends EvaluatedPlacement {
  /** The pins and what was placed, sorted by kind, then target. */
  readonly decisions: readonly Decision[];
}

/** The step placed. */
export interface PlacedStep extends DecidedPlacement {
  /** The fastest proposal where it does not fit: recomputation may make it fit. */
  readonly ideal?: DecidedPlacement;
  /**
   * Proven: no placement within the memory of the devices is faster, its computations in the order of the step and, unless
   * it sends them just before use itself, its results sent as soon as they are made; for throughput its stages on one
   * device each or shared by like devices.
   */
  readonly boundMs: number;
  readonly baselines: readonly EvaluatedPlacement[];
  /** Where no placement that was found fits: the device that lacks most, and the node at its peak. */
  readonly lacking?: { readonly device: number; readonly node: string; readonly message: string };
}

/** Attempts to make room for activations, which the planners do not see: each gives them less memory. */
const repairs = 6;
const fewRounds = 0.1;
/** Of the rounds of the first attempt: later ones ask where there is room, not what is fastest. */
const laterShare = 0.25;
/** Rounds of the search for a period are short: so many for each of those for a makespan. */
const throughputRounds = 80;
/** Of a time limit: what one mixed-integer program may take. */
const programShare = 0.5;

/**
 * Places what is not pinned: planners that know weights, gradients and optimizer state propose, the simulator decides.
 * A proposal whose activations do not fit is made again with less room on the devices that lack it; those for throughput also
 * with room for several steps in flight, and in fewer stages. Simple rules count as proposals. Throws 'infeasible' for pins that contradict each other and for parameters that fit no device.
 */
export async function placeStep(request: PlaceRequest, job: Job): Promise<PlacedStep> {
  const { step, layers, pins, memoryBytes, objective } = request;
  const placing = placementOfStep(step, layers, pins, memoryBytes);
  const evaluate = (name: string, placement: Placement, replicas?: Directives['replicas']): Evaluated =>
    evaluated(request, placing.problem, name, placement, replicas);

  const baselines: Evaluated[] = [];
  const model = new LatencyModel(placing.problem);
  const hinted = request.hints && hintedPlacement(model, placing.forwardNodes, request.hints);
  const rules = hinted ? [{ name: 'as the file places it', placement: hinted }] : [];
  for (const { name, placement } of [...placementBaselines(model), ...rules]) {
    await job.checkpoint();
    baselines.push(evaluate(name, placement));
  }
  const { microBatches = 1 } = request;
  const found: Evaluated[] = [];
  // What holds for a device for each layer need not hold where devices share them.
  let sharedMs = Infinity;
  if (objective === 'throughput' && hasLikeDevices(placing.problem)) {
    sharedMs = fractionalLoad(loadModelOf(placing.problem));
    for (const problem of [placing.problem, withKept(placing)]) {
      const shared = await replicatedStep({ step, problem, microBatches }, job);
      if (shared) found.push(evaluate('stages shared by like devices', shared.placement, shared.replicas));
      if (!shared || found[0].fits) break;
    }
  }
  let boundMs = 0;
  let anyTransfersMs = 0;
  const conclude = (): PlacedStep => {
    const candidates = [...found, ...baselines];
    const best = bestOf(candidates, memoryBytes);
    const fastest = bestOf(candidates);
    return {
      ...decided(request, best),
      ideal: fastest.fits ? undefined : decided(request, fastest),
      boundMs: Math.min(sharedMs, boundOf(best, boundMs, anyTransfersMs)),
      baselines: baselines.map(publicPart),
      lacking: best.fits ? undefined : lackingOf(step, best, memoryBytes, objective),
    };
  };
  const deadlineMs = performance.now() + 1000 * (request.timeLimitS ?? Infinity);
  const attemptOn = async (problem: PlacementProblem, isWhole: boolean): Promise<Evaluated | undefined> => {
    const search: Search = {
      leftS: () => (deadlineMs - performance.now()) / 1000,
      onPlan: (name, placement) => {
        // The placement with the least load need not have the shortest update, or the shortest period in a stream.
        if (!request.onImproved && objective === 'latency') return;
        const candidate = evaluate(name, placement);
        const best = bestOf([...found, ...baselines], memoryBytes);
        if (!candidate.fits || (best.fits && best.timeMs <= candidate.timeMs)) return;
        found.push(candidate);
        request.onImproved?.(conclude());
      },
      // Other attempts have less memory than there is: what they prove holds for them alone.
      onBound: (ms) => {
        if (!isWhole || ms <= boundMs) return;
        boundMs = ms;
        request.onImproved?.(conclude());
      },
    };
    const rounds = (request.rounds ?? fewRounds) * (isWhole ? 1 : laterShare);
    const proposal = await propose(problem, { ...request, rounds }, search, job);
    if (!proposal) return undefined;
    if (isWhole) {
      boundMs = Math.max(boundMs, proposal.boundMs);
      ({ anyTransfersMs } = proposal);
    }
    const { planner, placement } = proposal;
    const candidate = evaluate(planner, placement);
    found.push(candidate);
    if (objective === 'throughput')
      for (const merged of inFewerStages(placing.problem, placement))
        found.push(evaluate(`${planner}, in fewer stages`, merged));
    return candidate;
  };
  let problem = placing.problem;
  for (let attempt = 0; attempt <= repairs; attempt++) {
    const candidate = await attemptOn(problem, attempt === 0);
    if (!candidate || candidate.fits) break;
    problem = withLessRoom(placing, problem, candidate, memoryBytes, attempt);
  }
  if (objective === 'throughput')
    for (let inFlight = 2; inFlight <= step.devices.length; inFlight++)
      await attemptOn(withKept(placing, inFlight), false);
  return conclude();
}

/** How a search is ended, and whom it tells what it finds. */
interface Search {
  readonly leftS: () => number;
  readonly onPlan: (planner: string, placement: Placement) => void;
  readonly onBound: (boundMs: number) => void;
}

/**
 * What search proves of a makespan holds for results sent as soon as they are made: a plan that sends them just before use
 * may beat it, and then only what holds for any transfers is known.
 */
function boundOf({ directives, timeMs }: Evaluated, boundMs: number, anyTransfersMs: number): number {
  const isBeaten = directives.lateTransfers === true && timeMs < boundMs;
  return Math.min(isBeaten ? anyTransfersMs : boundMs, timeMs);
}

/** What the decisions mean is what counts, were it not the same. */
function decided({ step, layers, pins, strategy }: PlaceRequest, placed: Evaluated): DecidedPlacement {
  const decisions = placedDecisions(step, layers, placed.devices, pins);
  const { recomputations, lateTransfers, replicas } = placed.directives;
  const directives = directivesOf(step, layers, [...decisions, ...pins.map(asPin)], strategy);
  return {
    ...publicPart(placed),
    directives: { ...directives, recomputations, lateTransfers, ...(replicas ? { replicas } : {}) },
    decisions: withPins(decisions, pins),
  };
}

interface Evaluated extends EvaluatedPlacement {
  /** By node. */
  readonly devices: Uint8Array;
  readonly schedule: Schedule;
  readonly simulation: Simulation;
}

const asPin = (decision: Decision): Decision => ({ ...decision, pinned: true });

const publicPart = ({ name, directives, timeMs, peakBytes, fits }: Evaluated): EvaluatedPlacement => ({
  ...{ name, directives, timeMs, peakBytes, fits },
});

/** Results are sent ahead, or where that takes too much memory just in time. */
function evaluated(
  { step, layers, pins, strategy, memoryBytes, objective, microBatches = 1 }: PlaceRequest,
  problem: PlacementProblem,
  name: string,
  placement: Placement,
  replicas?: Directives['replicas'],
): Evaluated {
  const devices = Uint8Array.from(problem.groupOf, (group) => placement[group]);
  const { offloads, recomputations } = directivesOf(step, layers, pins.map(asPin), strategy);
  let result: Evaluated | undefined;
  for (const lateTransfers of [false, true]) {
    const directives: Directives = {
      ...{ ...keepEverything, offloads, recomputations, placement: devices },
      ...(lateTransfers ? { lateTransfers } : {}),
      ...(replicas ? { replicas } : {}),
    };
    const schedule = compileSchedule(step, directives);
    const simulation = simulate(step, schedule);
    const outcome = { step, problem, microBatches, objective, replicas };
    const { timeMs, peakBytes } = placedOutcome(outcome, devices, schedule, simulation);
    const fits = peakBytes.every((bytes, device) => bytes <= memoryBytes[device]);
    const next: Evaluated = { name, directives, timeMs, peakBytes, fits, devices, schedule, simulation };
    if (!result || fits) result = next;
    if (fits) break;
  }
  return result!;
}

/** Groups of which the file says nothing are with the group before them. */
function hintedPlacement(
  { groupCount, allowed }: LatencyModel,
  forwardNodes: StepPlacement['forwardNodes'],
  hints: ArrayLike<number>,
): Placement {
  const placement = new Uint8Array(groupCount);
  let last = 0;
  for (let group = 0; group < groupCount; group++) {
    const node = forwardNodes[group].find((each) => hints[each] >= 0);
    if (node !== undefined) last = hints[node];
    placement[group] = allowed[group].includes(last) ? last : allowed[group][0];
  }
  return placement;
}

interface Proposal {
  readonly placement: Placement;
  readonly planner: string;
  readonly boundMs: number;
  /** Proven whenever results are sent. */
  readonly anyTransfersMs: number;
}

/** undefined where the planner finds none within memory. */
async function propose(
  problem: PlacementProblem,
  { objective, engine, rounds = fewRounds, timeLimitS }: PlaceRequest,
  { leftS, onPlan, onBound }: Search,
  job: Job,
): Promise<Proposal | undefined> {
  const told = ({ planner, placement }: { planner: string; placement: Placement }): void =>
    onPlan(planner, placement);
  try {
    if (objective === 'latency') {
      const isOver = timeLimitS === undefined ? undefined : (): boolean => leftS() <= 0;
      const engineLimitS = timeLimitS && timeLimitS * programShare;
      const options = { engine, engineLimitS, rounds, isOrderFixed: true, isOver, onImproved: told, onBound };
      const plan = await planLatency(problem, job, options);
      return { ...plan, anyTransfersMs: plan.bounds.bestMs };
    }
    const limitS = timeLimitS === undefined ? undefined : Math.max(0, leftS());
    const options = { engine, timeLimitS: limitS, rounds: throughputRounds * rounds, onPlan: told, onBound };
    const plan = await planThroughput(problem, job, options);
    return plan && { ...plan, anyTransfersMs: plan.boundMs };
  } catch (thrown) {
    if (thrown instanceof HeadroomError && thrown.code === 'infeasible') return undefined;
    throw thrown;
  }
}

/** First the activations each group keeps count as its own, then what is still lacking is taken off the devices. */
function withLessRoom(
  placing: StepPlacement,
  last: PlacementProblem,
  { peakBytes }: Evaluated,
  memoryBytes: readonly number[],
  attempt: number,
): PlacementProblem {
  if (attempt === 0) return withKept(placing);
  return {
    ...last,
    memoryBytes: last.memoryBytes.map((limit, device) => {
      const excess = peakBytes[device] - memoryBytes[device];
      // More after some attempts: what is lacking may hardly shrink with the room.
      const times = Math.max(1, attempt - 2);
      return excess > 0 ? Math.max(0, limit - times * excess) : limit;
    }),
  };
}

/** With what each group keeps for so many steps in flight. */
const withKept = ({ problem, keptBytes }: StepPlacement, inFlight = 1): PlacementProblem => ({
  ...problem,
  groupBytes: problem.groupBytes.map((bytes, group) => bytes + inFlight * keptBytes[group]),
});

/** The fastest that fits; where none does, the one that lacks least. The first of equals. */
function bestOf(candidates: readonly Evaluated[], memoryBytes?: readonly number[]): Evaluated {
  const excess = ({ peakBytes }: Evaluated): number =>
    memoryBytes
      ? peakBytes.reduce((sum, bytes, device) => sum + Math.max(0, bytes - memoryBytes[device]), 0)
      : 0;
  return candidates.reduce((best, candidate) => {
    const [a, b] = [excess(candidate), excess(best)];
    return a < b || (a === b && candidate.timeMs < best.timeMs) ? candidate : best;
  });
}

function lackingOf(
  step: StepGraph,
  { peakBytes, schedule, simulation }: Evaluated,
  memoryBytes: readonly number[],
  objective: PlacementObjective,
): PlacedStep['lacking'] {
  const excess = peakBytes.map((bytes, device) => bytes - memoryBytes[device]);
  const device = excess.indexOf(Math.max(...excess));
  const node = nodeAtPeak(step, schedule, simulation, device);
  const message =
    `No placement for the least ${objective} was found that fits: ${step.devices[device]} needs ` +
    `${formatMemory(peakBytes[device])} of ${formatMemory(memoryBytes[device])}` +
    (node === '' ? '.' : `, because of operator ${node}.`);
  return { device, node, message };
}

/** Name of the computation at which a device holds most. */
function nodeAtPeak(step: StepGraph, schedule: Schedule, { liveBytes }: Simulation, device: number): string {
  let peak = -1;
  for (let entry = 0; entry < schedule.length; entry++) {
    if (schedule.op[entry] !== Op.compute || schedule.to[entry] !== device) continue;
    if (peak < 0 || liveBytes[entry] > liveBytes[peak]) peak = entry;
  }
  return peak < 0 ? '' : step.nodeName[schedule.subject[peak]];
}
