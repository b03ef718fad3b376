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
 * Whole modules that keep the budget, in the place of single operators that PyTorch cannot recompute within it, or of results that it
 * cannot send away: besides those of a plan of whole modules, the fastest set found by adding the module that leaves the lowest peak, or that fits and costs least. Undefined where none is found, and
 * where a person has decided what to keep or to recompute.
 */
export function modulesInstead(model: PlannedModel, plan: Plan): CarriedPlan | undefined {
  if (plan.decisions.some(({ pinned, choice }) => pinned && choice)) return undefined;
  const own = ownModules(model, plan);
  // What can leave still may cost more than to recompute alone.
  const ways = [plan, ...(plan.offloads?.length ? [{ ...plan, offloads: undefined }] : [])];
  const found = ways
    .flatMap((way) => fastestSet(model, way, own) ?? [])
    .reduce<Tried | undefined>((a, b) => (a && a.timeMs <= b.timeMs ? a : b), undefined);
  return found && noted(model, plan, found, own);
}

function fastestSet(model: PlannedModel, plan: Plan, own: readonly number[]): Tried | undefined {
  const { layers } = model.layers;
  const candidates = layers
    .flatMap(({ id, recomputation }) =>
      recomputation ? [{ id, operators: recomputation.nodes.length }] : [],
    )
    .sort((a, b) => b.operators - a.operators || a.id - b.id)
    .slice(0, mostModules)
    .map(({ id }) => id);
  let best = own.length > 0 ? tried(model, plan, own) : undefined;
  for (let round = 0; round < mostRounds; round++) {
    const chosen = best?.modules ?? [];
    const next = candidates
      .filter((id) => chosen.every((other) => !nested(model, id, other)))
      .map((id) => tried(model, plan, [...chosen, id]))
      .reduce<Tried | undefined>((a, b) => (a && !isBetter(b, a, plan.budgetBytes) ? a : b), undefined);
    if (!next || (best && next.peakBytes >= best.peakBytes)) return undefined;
    best = next;
    if (best.peakBytes <= plan.budgetBytes) return best;
  }
  return undefined;
}

/** Modules that a plan of whole modules recomputes already. */
function ownModules({ layers: { layers } }: PlannedModel, { strategy, decisions }: Plan): number[] {
  if (strategy !== 'module-checkpoint') return [];
  const names = new Set(
    decisions
      .filter(({ kind, choice }) => kind === 'module' && choice === 'recompute')
      .map(({ target }) => target),
  );
  return layers.filter(({ name, recomputation }) => recomputation && names.has(name)).map(({ id }) => id);
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

function noted(
  { layers }: PlannedModel,
  plan: Plan,
  { carried, modules }: Tried,
  own: readonly number[],
): CarriedPlan {
  const names = modules.filter((id) => !own.includes(id)).map((id) => layers.layers[id].name);
  const isWhole = plan.strategy === 'module-checkpoint';
  const budget = formatMemory(plan.budgetBytes);
  const note = {
    decision: isWhole ? 'results to offload that stay' : 'which single operators run again',
    why: isWhole
      ? `with them the file would take more than the budget of ${budget}`
      : `as selective checkpoints they would take more than the budget of ${budget}`,
    instead: `${counted(names.length, 'module')} recomputed whole: ${listed(names)}`,
  };
  return { ...carried, notCarried: [...carried.notCarried, note] };
}
