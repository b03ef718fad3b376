import type { Plan } from '../../plan/plan';
import { asOnePlan, type Size, type SizedPlan } from '../../plan/sizePlan';
import { counted } from '../counted';
import type { NotCarried } from '../targets';
import type { CarriedPlan, PlannedModel } from './carriedPlan';
import { carriedWithinBudget } from './withinBudget';

/** What the file predicts at a size that a plan is valid up to. */
export interface SizePrediction {
  readonly peak_bytes: number;
  readonly out_bytes: number;
  readonly back_bytes: number;
}

/** What a Python file does of plans for several sizes. */
export interface CarriedSizes {
  readonly dimensions: readonly string[];
  /** In the order in which they are tried. */
  readonly plans: readonly {
    readonly up_to: readonly Size[];
    readonly exactly?: boolean;
    readonly checkpoint: readonly Pick<CarriedPlan['checkpoints'][number], 'module' | 'save' | 'calls'>[];
    readonly offload: CarriedPlan['offload'] | null;
    /** None: the next batch may have another plan, and its step begins with what this one leaves. */
    readonly state: readonly [];
    /** At each of `up_to`. */
    readonly predicted: readonly SizePrediction[];
  }[];
  readonly notCarried: readonly NotCarried[];
}

/** A model at a size of its table, and what the simulator says of directives there. */
export interface ModelAtSize extends PlannedModel {
  readonly predict: (directives: CarriedPlan['directives']) => SizePrediction;
}

/**
 * Finds what PyTorch's own means do of a plan's plans for several sizes: each at the largest size it is valid up to, with the budget kept
 * where they can keep it. Where they cannot at one of the sizes it is valid up to, a note says so.
 */
export function carriedSizes(plan: Plan, modelAt: (size: Size) => ModelAtSize): CarriedSizes {
  const notes = new Map<string, NotCarried>();
  const plans = (plan.sizes?.plans ?? []).map((sized, index) => {
    const models = sized.upTo.map(modelAt);
    const heaviest = sized.peakBytes.indexOf(Math.max(...sized.peakBytes));
    const carried = carriedWithinBudget(models[heaviest], withPeak(plan, sized, models[heaviest]));
    const predicted = models.map((model) => model.predict(carried.directives));
    const over = predicted.filter((at, i) => at.peak_bytes > Math.max(plan.budgetBytes, sized.peakBytes[i]));
    for (const note of [...carried.notCarried, ...overBudget(over.length, index)])
      notes.set(JSON.stringify(note), note);
    return {
      up_to: sized.upTo,
      ...(sized.exactly ? { exactly: true } : {}),
      checkpoint: carried.checkpoints.map(({ module, save, calls }) => ({ module, save, calls })),
      offload: carried.offload ?? null,
      state: [] as const,
      predicted,
    };
  });
  return { dimensions: plan.sizes?.dimensions ?? [], plans, notCarried: [...notes.values()] };
}

/** The plan of some sizes as the one plan, as far as carrying it asks. */
function withPeak(plan: Plan, sized: SizedPlan, { step }: PlannedModel): Plan {
  const peakBytes = Math.max(...sized.peakBytes);
  const prediction = { ...plan.prediction, peakBytes, perDevicePeakBytes: { [step.devices[0]]: peakBytes } };
  return { ...asOnePlan(plan, sized), prediction };
}

function overBudget(count: number, index: number): NotCarried[] {
  if (count === 0) return [];
  return [
    {
      decision: `the budget of sizes.plans[${index}]`,
      why: `what PyTorch carries of it takes more at ${counted(count, 'size')} that it is valid up to`,
      instead: 'the file says how much; raise the budget, or plan without offloading',
    },
  ];
}
