import { formatMemory } from '../../base/format';
import type { Decision, Plan } from '../../plan/plan';
import { compileSchedule } from '../../simulator/compileSchedule';
import { simulate } from '../../simulator/simulate';
import { counted } from '../counted';
import { listed } from '../planFacts';
import { carriedPlan, type CarriedPlan, type PlannedModel } from './carriedPlan';

/** Modules tried, those with most operators first: each is a simulation of the step. */
const mostModules = 64;
/** Modules wrapped at the most. */
const mostRounds = 8;

interface Tried {
  readonly modules: readonly number[];
  readonly carried: CarriedPlan;
  readonly peakBytes: number;
  readonly timeMs: number;
}

/**
 * Whole modules that keep the budget, in the place of single operators that PyTorch cannot recompute within it: the fastest
 * set found by adding the module that leaves the lowest peak, or that fits and costs least. Undefined where none is found, and
 * where a person has decided what to keep or to recompute.
 */
export function modulesInstead(model: PlannedModel, plan: Plan): CarriedPlan | undefined {
  if (plan.decisions.some(({ pinned, choice }) => pinned && choice)) return undefined;
  const { layers } = model.layers;
  const candidates = layers
    .flatMap(({ id, recomputation }) =>
      recomputation ? [{ id, operators: recomputation.nodes.length }] : [],
    )
    .sort((a, b) => b.operators - a.operators || a.id - b.id)
    .slice(0, mostModules)
    .map(({ id }) => id);
  let best: Tried | undefined;
  for (let round = 0; round < mostRounds; round++) {
    const chosen = best?.modules ?? [];
    const next = candidates
      .filter((id) => chosen.every((other) => !nested(model, id, other)))
      .map((id) => tried(model, plan, [...chosen, id]))
      .reduce<Tried | undefined>((a, b) => (a && !isBetter(b, a, plan.budgetBytes) ? a : b), undefined);
    if (!next || (best && next.peakBytes >= best.peakBytes)) return undefined;
    best = next;
    if (best.peakBytes <= plan.budgetBytes) return noted(model, plan, best);
  }
  return undefined;
}

function isBetter(a: Tried, b: Tried, budgetBytes: number): boolean {
  const [fits, other] = [a.peakBytes <= budgetBytes, b.peakBytes <= budgetBytes];
  if (fits !== other) return fits;
  return fits ? a.timeMs < b.timeMs : a.peakBytes < b.peakBytes;
}

function tried(model: PlannedModel, plan: Plan, modules: readonly number[]): Tried {
  const { layers } = model.layers;
  const decisions = [
    ...plan.decisions.filter(({ choice }) => !choice),
    ...modules.map((id): Decision => ({ target: layers[id].name, kind: 'module', choice: 'recompute' })),
  ];
  const carried = carriedPlan(model, {
    ...plan,
    strategy: 'module-checkpoint',
    decisions,
    recomputations: undefined,
  });
  const { perDevicePeakBytes, stepTimeMs } = simulate(
    model.step,
    compileSchedule(model.step, carried.directives),
  );
  return { modules, carried, peakBytes: perDevicePeakBytes[0], timeMs: stepTimeMs };
}

const nested = ({ layers }: PlannedModel, a: number, b: number): boolean =>
  isInside(layers.layers, a, b) || isInside(layers.layers, b, a);

function isInside(layers: PlannedModel['layers']['layers'], id: number, outer: number): boolean {
  for (let at = id; at >= 0; at = layers[at].parent) if (at === outer) return true;
  return false;
}

function noted({ layers }: PlannedModel, plan: Plan, { carried, modules }: Tried): CarriedPlan {
  const names = modules.map((id) => layers.layers[id].name);
  const note = {
    decision: 'which single operators run again',
    why: `as selective checkpoints they would take more than the budget of ${formatMemory(plan.budgetBytes)}`,
    instead: `${counted(names.length, 'module')} recomputed whole: ${listed(names)}`,
  };
  return { ...carried, notCarried: [...carried.notCarried, note] };
}
