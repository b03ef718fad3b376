import { formatMemory } from '../../base/format';
import type { Plan } from '../../plan/plan';
import { resolveDecisions } from '../../plan/resolveDecisions';
import { compileSchedule } from '../../simulator/compileSchedule';
import { simulate } from '../../simulator/simulate';
import type { StepGraph } from '../../step/stepGraph';
import { counted } from '../counted';
import { listed } from '../planFacts';
import { carriedPlan, type CarriedPlan, type PlannedModel } from './carriedPlan';
import { modulesInstead } from './modulesInstead';

/** What a way of carrying a plan needs on the device that the budget is for. */
interface Tried {
  readonly carried: CarriedPlan;
  readonly peakBytes: number;
}

/**
 * What PyTorch does of a plan, with the budget kept where the plan keeps it. A selective checkpoint computes everything
 * again that it has not kept, also what no plan asked for, and may break the budget by that. Then modules are recomputed
 * whole instead, the largest first, for as long as that lowers the peak, until the budget is kept; those that turn out
 * not to be needed go back. Where that does not help, other modules are looked for, and where none keeps the budget the plan
 * is carried as it is and over it.
 */
export function carriedWithinBudget(model: PlannedModel, plan: Plan): CarriedPlan {
  const asPlanned = tried(model, plan, new Set());
  const { budgetBytes } = plan;
  const first = model.step.devices[0];
  // What a plan of whole modules recomputes is carried as it is; what it sends away may not be.
  const isWhole = plan.strategy === 'module-checkpoint';
  const isMeant = !isWhole || (plan.offloads ?? []).length > 0;
  const isPossible = plan.prediction.perDevicePeakBytes[first] <= budgetBytes;
  if (asPlanned.peakBytes <= budgetBytes || !isMeant || !isPossible) return asPlanned.carried;
  if (isWhole) return modulesInstead(model, plan) ?? asPlanned.carried;
  const whole = new Set<number>();
  let best = asPlanned;
  for (const region of regionsByBytes(model, plan)) {
    if (best.peakBytes <= budgetBytes) break;
    const next = tried(model, plan, new Set([...whole, region]));
    if (next.peakBytes > best.peakBytes) continue;
    whole.add(region);
    best = next;
  }
  if (best.peakBytes > budgetBytes) return modulesInstead(model, plan) ?? asPlanned.carried;
  for (const region of [...whole].reverse()) {
    const without = new Set([...whole].filter((other) => other !== region));
    const next = tried(model, plan, without);
    if (next.peakBytes > budgetBytes) continue;
    whole.delete(region);
    best = next;
  }
  const names = [...whole].map((region) => model.layers.layers[region].name);
  const note = {
    decision: `results kept inside ${counted(names.length, 'module')}: ${listed(names)}`,
    why: `a selective checkpoint runs again all that it has not kept, which comes to ${formatMemory(asPlanned.peakBytes)}, over the budget of ${formatMemory(budgetBytes)}`,
    instead: 'these modules are recomputed whole, which keeps the budget',
  };
  return { ...best.carried, notCarried: [...best.carried.notCarried, note] };
}

function tried(model: PlannedModel, plan: Plan, whole: ReadonlySet<number>): Tried {
  const carried = carriedPlan(model, plan, whole);
  const { perDevicePeakBytes } = simulate(model.step, compileSchedule(model.step, carried.directives));
  return { carried, peakBytes: perDevicePeakBytes[0] };
}

/** Regions in which nobody decided to keep anything, those that make most first. */
function regionsByBytes({ step, layers }: PlannedModel, plan: Plan): number[] {
  const { choice } = resolveDecisions(step, layers, plan.decisions);
  const made = new Map<number, number>();
  const kept = new Set<number>();
  layers.regionOfNode.forEach((region, node) => {
    if (!layers.layers[region]?.recomputation) return;
    if (choice[node] === 'keep' || choice[node] === 'offload') kept.add(region);
    made.set(region, (made.get(region) ?? 0) + bytesMade(step, node));
  });
  return [...made.keys()]
    .filter((region) => !kept.has(region))
    .sort((a, b) => made.get(b)! - made.get(a)! || a - b);
}

const bytesMade = ({ outputs, valueBytes }: StepGraph, node: number): number =>
  outputs.items
    .subarray(outputs.offsets[node], outputs.offsets[node + 1])
    .reduce((sum, value) => sum + valueBytes[value], 0);
