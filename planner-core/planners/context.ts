import { RegionCompiler } from '../plan/compileRegions';
import { directivesOf, recomputeFlags, wrappedModules } from '../plan/directives';
import type { Decision, Strategy } from '../plan/plan';
import { resolveDecisions } from '../plan/resolveDecisions';
import { compileSchedule } from '../simulator/compileSchedule';
import { Op, type Directives, type Paging } from '../simulator/schedule';
import { simulate } from '../simulator/simulate';
import type { StepGraph } from '../step/stepGraph';
import { oncePer } from './baselines/oncePer';
import { memoryFloor, type MemoryFloor } from './bounds/memoryFloor';
import { MemoryProfile } from './memoryProfile';
import { mayLeave } from './offload/mayLeave';
import type { PlannedDirectives, PlanningProblem } from './problem';

/** What planners keep asking of a problem: pins in resolved form, and the cost of a plan. */
export class PlanningContext {
  readonly step: StepGraph;
  readonly regions: RegionCompiler;
  /**
   * Everything runs on the first device, nothing is offloaded, and no segment holds more than its computations need, as
   * the reentrant checkpoint does: all that the fast profile and the planners of schedules know.
   */
  readonly isSingleDevice: boolean;
  /** By node: 1 where it may not run again, because it cannot or because a person wants it kept. */
  readonly fixed: Uint8Array;
  /** By node: 1 where a person wants it to run again. */
  readonly pinnedRecompute: Uint8Array;
  readonly hasPinnedRecompute: boolean;
  /** Modules a person wrapped as a whole. */
  readonly pinnedModules: readonly number[];
  private readonly pinned: Directives;
  private readonly profile: MemoryProfile;

  constructor(readonly problem: PlanningProblem) {
    const { step, layers, pins } = problem;
    const resolved = resolveDecisions(step, layers, pins.map(asPin));
    this.step = step;
    this.pinnedRecompute = recomputeFlags(resolved);
    this.hasPinnedRecompute = this.pinnedRecompute.includes(1);
    this.pinnedModules = wrappedModules(layers, resolved, this.pinnedRecompute);
    this.fixed = layers.recomputable.map((flag, node) => {
      const choice = resolved.choice[node];
      return Number(!flag || choice === 'keep' || choice === 'offload');
    });
    this.regions = new RegionCompiler(step, layers, this.fixed);
    this.pinned = directivesOf(step, layers, pins, 'selective');
    this.isSingleDevice = !this.pinned.placement && this.pinned.offloads.length === 0 && !step.reentrant;
    this.profile = new MemoryProfile(step);
  }

  /** What runs again because a person wants it to, operator by operator. */
  get pinnedRecomputations(): Int32Array {
    return this.pinned.recomputations;
  }

  /** The directives of recomputations, with the offloads (or `paging`) and the placement the pins ask for. */
  directives(recomputations: Int32Array, paging?: Paging): Directives {
    return { ...this.pinned, ...paging, recomputations };
  }

  /** Peak, time and memory by position on the first device. Valid until the next call. */
  evaluate(recomputations: Int32Array): Evaluation {
    return this.isSingleDevice
      ? this.profile.ofRecomputations(recomputations)
      : evaluateBySimulation(this.step, this.directives(recomputations));
  }

  /** The plan that decisions mean once the pins are laid over them. */
  plannedFromDecisions(planner: string, chosen: readonly Decision[], strategy: Strategy): PlannedDirectives {
    const { step, layers, pins } = this.problem;
    const decisions = withPins(chosen, pins);
    const { recomputations } = directivesOf(step, layers, decisions, strategy);
    return this.planned(planner, recomputations, chosen);
  }

  /** A plan with its numbers. */
  planned(planner: string, recomputations: Int32Array, chosen: readonly Decision[]): PlannedDirectives {
    const { peakBytes, stepTimeMs } = this.evaluate(recomputations);
    return {
      planner,
      directives: this.directives(recomputations),
      decisions: withPins(chosen, this.problem.pins),
      peakBytes,
      stepTimeMs,
    };
  }
}

/** Memory over a sequence of computations, and what it costs. */
export interface Evaluation {
  readonly nodes: Int32Array;
  readonly length: number;
  /** Live bytes on the first device while the computation at each position runs. */
  readonly liveBytes: Float64Array;
  readonly peakBytes: number;
  readonly peakPosition: number;
  readonly stepTimeMs: number;
}

const asPin = (decision: Decision): Decision => ({ ...decision, pinned: true });

/** The planner's choices with the pins laid over them, sorted by kind, then target. */
export function withPins(chosen: readonly Decision[], pins: readonly Decision[]): Decision[] {
  const byKey = new Map<string, Decision>();
  for (const decision of chosen) byKey.set(`${decision.kind} ${decision.target}`, decision);
  for (const pin of pins) {
    const key = `${pin.kind} ${pin.target}`;
    byKey.set(key, { ...byKey.get(key), ...definedOnly(asPin(pin)) });
  }
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, decision]) => decision);
}

/** The decisions with only these pins pinned: what else was laid over a plan is no person's choice. */
export function pinnedByHand(decisions: readonly Decision[], pins: readonly Decision[]): Decision[] {
  const keyOf = ({ kind, target }: Decision): string => `${kind} ${target}`;
  const byHand = new Set(pins.map(keyOf));
  const chosen = decisions.map((decision) =>
    !decision.pinned || byHand.has(keyOf(decision)) ? decision : { ...decision, pinned: undefined },
  );
  return withPins(chosen, pins);
}

function definedOnly(decision: Decision): Decision {
  return Object.fromEntries(
    Object.entries(decision).filter(([, value]) => value !== undefined),
  ) as unknown as Decision;
}

/** Through the schedule: for several devices and offloading, where copies matter, and for what is held longer. */
function evaluateBySimulation(step: StepGraph, directives: Directives): Evaluation {
  const schedule = compileSchedule(step, directives);
  const simulation = simulate(step, schedule);
  const nodes: number[] = [];
  const live: number[] = [];
  let peakPosition = -1;
  let highest = -1;
  for (let entry = 0; entry < schedule.length; entry++) {
    const onFirst = schedule.to[entry] === 0;
    if (schedule.op[entry] === Op.compute) {
      nodes.push(schedule.subject[entry]);
      live.push(onFirst ? simulation.liveBytes[entry] : 0);
    }
    if (onFirst && schedule.op[entry] !== Op.free && simulation.liveBytes[entry] > highest) {
      highest = simulation.liveBytes[entry];
      peakPosition = Math.max(0, nodes.length - 1);
    }
  }
  return {
    nodes: Int32Array.from(nodes),
    length: nodes.length,
    liveBytes: Float64Array.from(live),
    peakBytes: simulation.perDevicePeakBytes[0],
    peakPosition,
    stepTimeMs: simulation.stepTimeMs,
  };
}

/** The proven least peak under the pinned placement and offloads, whatever the strategy. */
export const provenFloor = oncePer((context: PlanningContext): MemoryFloor => {
  const { step, layers } = context.problem;
  return memoryFloor(step, layers.recomputable, floorDirectives(context));
});

/** The proven least peak of plans that keep what a person wants kept. */
export function pinnedFloor(context: PlanningContext): MemoryFloor {
  const mayRepeat = context.fixed.map((flag) => Number(!flag));
  return memoryFloor(context.step, mayRepeat, floorDirectives(context));
}

/** What is fixed, with everything away that may leave. */
function floorDirectives(context: PlanningContext): Directives {
  const directives = context.directives(new Int32Array(0));
  const { step, problem } = context;
  return problem.offload ? { ...directives, offloads: mayLeave(step) } : directives;
}
