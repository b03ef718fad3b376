import type { Job } from '../base/job';
import { planPlaced, type PlacedPlan } from '../planners/placement/planPlaced';
import type { PlacedStep, PlacementObjective } from '../planners/placement/placeStep';
import type { PlanInputs } from '../plan/planInputs';
import type { MilpEngine } from '../solvers/engine';
import { memoryLimits, microBatchesOf, placeInputs } from './placed';
import { nothingProven, type Proof } from './refine';
import type { StepState } from './stepState';
import type { PlanView } from './types';

/** What refining a placement needs to know. */
export interface PlacementRequest {
  readonly state: StepState;
  readonly inputs: PlanInputs;
  readonly objective: PlacementObjective;
  /** The plan on screen, and what placed its layers. */
  readonly shown: PlanView;
  readonly placed: PlacedStep;
  readonly engine?: MilpEngine;
  readonly timeLimitS: number;
  /** What is on screen for an answer. */
  readonly viewOf: (answer: PlacedPlan, placed: PlacedStep) => PlanView;
}

/** `better` replaces the plan on screen: it is faster, or more is proven of it. */
export type OnPlacementProof = (proof: Proof, better: PlanView | undefined, placed: PlacedStep) => void;

/** Rounds of the search; the time limit ends most searches sooner. */
const rounds = 64;
/** Of the time: for placements alone, where recomputation may make faster ones fit. */
const placementShare = 0.4;
const jointTrials = 4000;
/** A placement this near its bound is the best there is. */
const sameShare = 1e-6;

/**
 * Looks for a faster placement than the one on screen and proves how fast one can be, by more rounds and integer programs.
 * What is proven only rises, times only fall. Throws 'cancelled' when the job is; what was found has been reported.
 */
export async function refinePlacement(
  request: PlacementRequest,
  job: Job,
  report: OnPlacementProof,
): Promise<Proof> {
  const { state, inputs, objective, engine, timeLimitS, viewOf } = request;
  const startedMs = performance.now();
  let { shown, placed } = request;
  const proofOf = (proofState: Proof['state']): Proof => ({
    ...nothingProven(shown.plan),
    state: isOptimal(shown) ? 'optimal' : proofState,
    elapsedMs: performance.now() - startedMs,
  });
  const tell = (better?: PlanView): void => {
    if (better) shown = better;
    report(proofOf('proving'), better, placed);
  };
  /** Bounds hold whichever search proved them, and whatever plan is on screen. */
  const take = (next: PlacedStep): void => {
    const boundMs = Math.max(placed.boundMs, next.boundMs);
    const isFaster = next.fits && !(placed.fits && placed.timeMs <= next.timeMs);
    placed = { ...(isFaster ? next : placed), boundMs };
    const isBetter = next.fits && (shown.infeasible !== undefined || next.timeMs < timeOf(shown));
    if (isBetter) tell(viewOf(answerOf(next), placed));
    // What is proven of placements does not hold where something runs again on another device.
    else if (!shown.directives.recomputationDevices && boundMs > (shown.placement?.boundMs ?? 0))
      tell(withBound(shown, boundMs));
  };
  if (isOptimal(shown)) return proofOf('optimal');
  tell();
  const { strategy } = inputs;
  const mayRecompute = shown.infeasible !== undefined || placed.ideal !== undefined;
  const searchS = mayRecompute ? timeLimitS * placementShare : timeLimitS;
  const options = { engine, rounds, timeLimitS: searchS, onImproved: take };
  const found = await placeInputs(state, inputs, objective, job, options);
  take(found);
  if (!found.fits || (found.ideal && found.ideal.timeMs < timeOf(shown))) {
    const { built, layers } = state;
    const problem = { step: built.step, layers, pins: inputs.pins };
    const isOver = (): boolean => performance.now() - startedMs > 1000 * timeLimitS;
    const joint = { engine, isOver, trials: jointTrials };
    const microBatches = microBatchesOf(inputs.workload);
    const limits = { memoryBytes: memoryLimits(inputs), microBatches, joint };
    const request = { problem, objective, strategy, ...limits };
    const answer = await planPlaced(request, found, job);
    const view = viewOf(answer, placed);
    if (!answer.infeasible && (shown.infeasible || timeOf(view) < timeOf(shown))) tell(view);
  }
  return proofOf('open');
}

const timeOf = ({ placement }: PlanView): number => placement?.timeMs ?? Infinity;

function isOptimal({ placement, infeasible }: PlanView): boolean {
  return !infeasible && placement !== undefined && placement.timeMs <= placement.boundMs * (1 + sameShare);
}

/** Never above the plan's own time: bounds hold up to a tolerance. */
function withBound(view: PlanView, boundMs: number): PlanView {
  const { placement } = view;
  if (!placement) return view;
  return { ...view, placement: { ...placement, boundMs: Math.min(boundMs, placement.timeMs) } };
}

const answerOf = ({ name, directives, decisions, peakBytes, timeMs }: PlacedStep): PlacedPlan => ({
  ...{ planner: name, directives, decisions, peakBytes: peakBytes[0], stepTimeMs: timeMs },
});
