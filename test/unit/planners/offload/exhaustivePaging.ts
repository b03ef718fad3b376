import { leaversOf, type Leaver } from '../../../../planner-core/planners/offload/gaps';
import { ParetoPlans, type Candidate } from '../../../../planner-core/planners/paretoPlans';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import { keepEverything, type Directives } from '../../../../planner-core/simulator/schedule';
import { sequenceOf } from '../../../../planner-core/simulator/sequence';
import { simulate, type Simulation } from '../../../../planner-core/simulator/simulate';
import { Phase, type StepGraph } from '../../../../planner-core/step/stepGraph';

/** Values that leave, and computations that run again, in the plans looked at. */
const mostAway = 2;
const mostAgain = 1;

/** A plan, and what the simulator says of it. */
export type SimulatedPlan = Candidate & { readonly simulation: Simulation };

/**
 * Every plan of a tiny step that sends up to two values away, waits for them before any computation of their absence or
 * none, asks for them again before any or none, and runs one computation again before any of backward, or none.
 */
export function* everyPaging(step: StepGraph): Generator<SimulatedPlan> {
  for (const recomputations of repeatsOf(step)) {
    const leavers = leaversOf(step, sequenceOf(step, { ...keepEverything, recomputations }), 1);
    for (const away of subsets(leavers, mostAway)) {
      for (const paging of pagingsOf(step, away)) {
        const directives: Directives = { recomputations, ...paging };
        const simulation = simulate(step, compileSchedule(step, directives));
        const { peakBytes, stepTimeMs } = simulation;
        yield { planner: '', peakBytes, stepTimeMs, recomputations, paging, simulation };
      }
    }
  }
}

/** Those of `everyPaging` that none beats in memory and time. */
export function exhaustivePaging(step: StepGraph): ParetoPlans {
  const pareto = new ParetoPlans();
  for (const { planner, peakBytes, stepTimeMs, recomputations, paging } of everyPaging(step))
    pareto.add({ planner, peakBytes, stepTimeMs, recomputations, paging });
  return pareto;
}

function repeatsOf(step: StepGraph): Int32Array[] {
  const pairs: [number, number][] = [];
  for (let before = 0; before < step.nodeCount; before++)
    for (let node = 0; node < before; node++)
      if (step.nodePhase[before] === Phase.backward && step.recomputable[node]) pairs.push([before, node]);
  return subsets(pairs, mostAgain).map((chosen) => Int32Array.from(chosen.flat()));
}

type Pairs = readonly (readonly [before: number, value: number])[];

/** Every way in which values leave and come back; what is computed again hardly moves the bases between their uses. */
function* pagingsOf(step: StepGraph, away: readonly Leaver[]): Generator<Omit<Directives, 'recomputations'>> {
  const offloads = Int32Array.from(away, ({ value }) => value).sort();
  const ways = (at: number): Pairs[] => {
    if (at === away.length) return [[]];
    const { value, gaps } = away[at];
    const own: Pairs[] = [[]];
    for (let base = 1; base < step.nodeCount; base++)
      if (gaps.some(({ after, until }) => base > after && base <= until)) own.push([[base, value]]);
    return own.flatMap((here) => ways(at + 1).map((others) => [...here, ...others]));
  };
  const sorted = (pairs: Pairs): Int32Array => Int32Array.from([...pairs].sort((a, b) => a[0] - b[0]).flat());
  for (const waits of ways(0))
    for (const fetches of ways(0)) yield { offloads, waits: sorted(waits), fetches: sorted(fetches) };
}

/** All choices of at most so many, in order. */
function subsets<T>(all: readonly T[], most: number, from = 0): T[][] {
  if (most === 0) return [[]];
  const rest: T[][] = [[]];
  for (let at = from; at < all.length; at++)
    for (const others of subsets(all, most - 1, at + 1)) rest.push([all[at], ...others]);
  return rest;
}
