import { isWithin, type Size } from '../../plan/sizePlan';
import { compileSchedule } from '../../simulator/compileSchedule';
import { keepEverything, type Directives, type Paging } from '../../simulator/schedule';
import { simulate } from '../../simulator/simulate';
import type { OffloadPlan } from '../offload/offloadPlans';
import { awayPositions } from './awayPositions';
import { candidateOf, type PagedCosts, type SizedCandidate, type SizedProblem } from './sizedPlanning';
import { sizeKey } from './sizeLattice';

/**
 * A plan that offloads, made at one size: for that size and all that are no larger in any dimension. What it takes is simulated at each
 * size that is asked for. Its peak is proven there where bytes never fall when sizes grow, and where the plan would fit at its own
 * size if each transfer took as long as the plan lets it.
 */
export function pagedCandidate(problem: SizedProblem, plan: OffloadPlan, made: Size): SizedCandidate {
  const { model, budgetBytes, offload } = problem;
  const { recomputations } = plan;
  const paging = plan.paging!;
  const directives = directivesOfPaged(recomputations, paging);
  const costs = new Map<string, PagedCosts>();
  const at = (size: Size): PagedCosts => {
    const key = sizeKey(size);
    const known = costs.get(key) ?? costsAt(problem, directives, size);
    costs.set(key, known);
    return known;
  };
  const most = model.peaks(recomputations, awayPositions(model.template, recomputations, paging));
  const { valueBytes } = model.stepAt(made);
  const movedBytes = paging.offloads.reduce((sum, value) => sum + valueBytes[value], 0);
  const hostBytes = offload?.memoryBytes ?? Infinity;
  return {
    ...candidateOf(model, plan.planner, recomputations),
    peaks: {
      at: (size) => {
        if (!isWithin(size, made) || !model.hasTemplate(size)) return Infinity;
        const { peakBytes, hostPeakBytes } = at(size);
        return hostPeakBytes > hostBytes ? Infinity : peakBytes;
      },
      isMonotone: most.isMonotone && most.at(made) <= budgetBytes && movedBytes <= hostBytes,
    },
    paged: { paging, at, made },
  };
}

/** What a plan of a table means: values of its own leave, nothing else is decided. */
export const directivesOfPaged = (recomputations: Int32Array, paging?: Paging): Directives => ({
  ...keepEverything,
  ...paging,
  recomputations,
});

function costsAt({ model }: SizedProblem, directives: Directives, size: Size): PagedCosts {
  const step = model.stepAt(size);
  const { peakBytes, stepTimeMs, hostPeakBytes } = simulate(step, compileSchedule(step, directives));
  return { peakBytes, stepMs: stepTimeMs, hostPeakBytes };
}
