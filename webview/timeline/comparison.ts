import type { Frontier } from '../../planner-core/planners/frontier';
import type { Timeline } from '../../planner-core/simulator/timeline';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import { evaluate, type Evaluation } from '../state/evaluation';
import type { MeasuredModel } from '../state/measured';
import type { PlanOfStep } from '../state/planHistory';
import type { StepModel } from '../state/view';
import { measuredBytes } from './measuredLine';

/** What a plan can be held against. */
export interface ComparisonChoice {
  /** Kept in the view's state. */
  readonly id: string;
  readonly label: string;
}

/** What the plan on screen is compared with. */
export interface Comparison extends ComparisonChoice {
  /** By sample of the plan's timeline: most in memory while the same computation runs; NaN where nothing is known. */
  readonly bytes: Float64Array;
  /** Over the whole step. */
  readonly peakBytes: number;
  /** undefined where it was not simulated. */
  readonly stepTimeMs?: number;
}

/** What there is to compare with, now. */
export interface ComparisonSources {
  readonly step: StepModel;
  readonly before: PlanOfStep | undefined;
  readonly measured: MeasuredModel | undefined;
  readonly frontier: Frontier | undefined;
}

const keepAllId = 'keep-all';
const beforeId = 'before-edit';
const measuredId = 'measured';
const rulePrefix = 'rule:';

export function comparisonChoices({
  step,
  before,
  measured,
  frontier,
}: ComparisonSources): ComparisonChoice[] {
  const choices: ComparisonChoice[] = [{ id: keepAllId, label: 'keeping everything' }];
  if (before && isAlike(before.step.step, step.view.step)) {
    choices.push({ id: beforeId, label: 'before the last edit' });
  }
  if (measured) choices.push({ id: measuredId, label: 'measured' });
  const names = new Set(frontier?.baselines.map(({ name }) => name));
  return [...choices, ...[...names].map((name) => ({ id: rulePrefix + name, label: name }))];
}

/** undefined where there is nothing of that id (any more). */
export function comparisonOf(
  id: string | undefined,
  timeline: Timeline,
  sources: ComparisonSources,
): Comparison | undefined {
  const choice = comparisonChoices(sources).find((candidate) => candidate.id === id);
  if (!choice) return undefined;
  const { step, before, measured, frontier } = sources;
  if (choice.id === measuredId && measured) {
    const bytes = measuredBytes(timeline, measured);
    const peakBytes = bytes.reduce((most, value) => (value > most ? value : most), 0);
    return { ...choice, bytes, peakBytes };
  }
  const evaluation = evaluationOf(choice.id, step, before, frontier);
  if (!evaluation) return undefined;
  return {
    ...choice,
    bytes: alongside(timeline, evaluation.timeline(0)),
    peakBytes: evaluation.simulation.perDevicePeakBytes[0],
    stepTimeMs: evaluation.simulation.stepTimeMs,
  };
}

function evaluationOf(
  id: string,
  { view, keepAll }: StepModel,
  before: PlanOfStep | undefined,
  frontier: Frontier | undefined,
): Evaluation | undefined {
  if (id === keepAllId) return keepAll;
  if (id === beforeId) return before && evaluate(before.step.step, before.plan.directives);
  const rule = frontier?.baselines.find(({ name }) => rulePrefix + name === id);
  return rule && evaluate(view.step, rule.directives);
}

/** Steps whose nodes are the same computations, whatever their sizes: a batch or a precision may have changed. */
function isAlike(one: StepGraph, other: StepGraph): boolean {
  return (
    one === other ||
    (one.nodeCount === other.nodeCount && one.nodeName.every((name, node) => name === other.nodeName[node]))
  );
}

/**
 * Memory of another timeline by sample of this one. Steps that recompute differently have no common time; they have their
 * first computations in common. What is computed again belongs to the first computation it is made for, the next one.
 */
export function alongside(timeline: Timeline, other: Timeline): Float64Array {
  const mostUntil = new Map<number, number>();
  let most = 0;
  for (let sample = 0; sample < other.length; sample++) {
    most = Math.max(most, other.liveBytes[sample]);
    if (other.again[sample]) continue;
    mostUntil.set(other.node[sample], most);
    most = 0;
  }
  const bytes = new Float64Array(timeline.length).fill(NaN);
  let next = NaN;
  for (let sample = timeline.length - 1; sample >= 0; sample--) {
    if (!timeline.again[sample]) next = mostUntil.get(timeline.node[sample]) ?? NaN;
    bytes[sample] = next;
  }
  return bytes;
}
