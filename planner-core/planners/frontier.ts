import type { Plan, Strategy } from '../plan/plan';
import type { Directives } from '../simulator/schedule';
import type { BaselineFamily } from './baselines/baseline';

/** A plan at one budget, in the smallest form; the webview simulates it itself while the slider moves. */
export interface FrontierPoint {
  /** The least budget this point serves: its own peak. */
  readonly peakBytes: number;
  readonly stepTimeMs: number;
  readonly overheadPercent: number;
  /** Proven least overhead of any plan at this budget (0 when nothing better is proven). */
  readonly lowerBoundPercent: number;
  readonly planner: string;
  readonly directives: Directives;
}

export interface BaselinePoint extends FrontierPoint {
  /** e.g. "keep all", "every block", "every 2nd block", "√n", "recompute all". */
  readonly name: string;
  /** The strategy whose curve it belongs to; undefined where it belongs to all. */
  readonly strategy?: Strategy;
  readonly family: BaselineFamily;
  /** One line: whose rule it is and how it is set up. */
  readonly description: string;
}

export interface Frontier {
  /** By ascending peak and descending time: no point is dominated. */
  readonly strategies: Readonly<Record<Strategy, readonly FrontierPoint[]>>;
  readonly baselines: readonly BaselinePoint[];
  /** Proven: no plan at all needs less, because of this node's own inputs, outputs and what must always stay. */
  readonly floorBytes: number;
  readonly floorNode: string;
}

/**
 * The fastest point whose peak fits the budget: points are sorted by ascending peak and descending time, so it is the
 * last one that fits. undefined when none does. O(log points): what the slider calls on every move.
 */
export function pointAtBudget(
  points: readonly FrontierPoint[],
  budgetBytes: number,
): FrontierPoint | undefined {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle].peakBytes <= budgetBytes) low = middle + 1;
    else high = middle;
  }
  return low > 0 ? points[low - 1] : undefined;
}

/**
 * The frontier with a plan on its strategy's curve, and on the one of any schedule, which it is too. Curves are of plans
 * for some budgets, so a plan that was made for its own can be better than they are there. The same frontier for a plan
 * that breaks its budget or is no better, and for one whose layers are placed, which is no point of curves.
 */
export function withPlan(
  frontier: Frontier,
  { strategy, budgetBytes, prediction, planner, objective = 'fit' }: PlanOfCurve,
  directives: Directives,
): Frontier {
  const { peakBytes, stepTimeMs, overheadPercent, lowerBoundPercent } = prediction;
  if (objective !== 'fit' || peakBytes > budgetBytes) return frontier;
  const point: FrontierPoint = {
    ...{ peakBytes, stepTimeMs, overheadPercent, lowerBoundPercent, planner, directives },
  };
  const curves = { ...frontier.strategies };
  for (const name of new Set<Strategy>([strategy, 'schedule'])) {
    const curve = curves[name];
    // A curve that is not there yet is not begun.
    if (curve.length === 0 || curve.some((other) => isNoWorse(other, point))) continue;
    const others = curve.filter((other) => !isNoWorse(point, other));
    const at = others.findIndex((other) => other.peakBytes > peakBytes);
    curves[name] = others.toSpliced(at < 0 ? others.length : at, 0, point);
  }
  return { ...frontier, strategies: curves };
}

type PlanOfCurve = Pick<Plan, 'strategy' | 'budgetBytes' | 'planner' | 'objective'> & {
  readonly prediction: Omit<FrontierPoint, 'planner' | 'directives'>;
};

const isNoWorse = (a: FrontierPoint, b: FrontierPoint): boolean =>
  a.peakBytes <= b.peakBytes && a.stepTimeMs <= b.stepTimeMs;

/** Do plans of a strategy's curve, other than the one with this peak and time, send anything away from the device? */
export const curveOffloads = (
  { strategies }: Pick<Frontier, 'strategies'>,
  strategy: Strategy,
  except: Pick<FrontierPoint, 'peakBytes' | 'stepTimeMs'>,
): boolean =>
  strategies[strategy].some(
    ({ peakBytes, stepTimeMs, directives }) =>
      directives.offloads.length > 0 && (peakBytes !== except.peakBytes || stepTimeMs !== except.stepTimeMs),
  );
