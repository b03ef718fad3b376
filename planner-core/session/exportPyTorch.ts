import { formatMemory, formatOverhead } from '../base/format';
import { counted } from '../exporters/counted';
import type { CarriedPlan } from '../exporters/pytorch/carriedPlan';
import { pytorchFile } from '../exporters/pytorch/pytorchFile';
import { carriedSizes, type ModelAtSize } from '../exporters/pytorch/sizedPlans';
import { carriedWithinBudget } from '../exporters/pytorch/withinBudget';
import type { Export, NotCarried } from '../exporters/targets';
import { deviceWarnings } from '../plan/deviceMemory';
import { memoryFits, memoryFitText, type MemoryFit } from '../plan/memoryFit';
import type { Plan, Prediction } from '../plan/plan';
import { planInputsOf } from '../plan/planInputs';
import type { Size } from '../plan/sizePlan';
import type { Directives } from '../simulator/schedule';
import { allocatorViews } from './allocatorView';
import { compileSchedule } from '../simulator/compileSchedule';
import { simulate } from '../simulator/simulate';
import { directivesOfPlan, predict } from './makePlan';
import type { ExportSources } from './exportPlan';
import { offloadViewOf } from './offload/offloadViewOf';
import { withSizes } from './sizes/withSizes';
import type { StepState } from './stepState';

/** The plan as a Python file; its predictions are the simulator's for what PyTorch carries of the plan. */
export function exportPyTorch(
  state: StepState,
  plan: Plan,
  { model, allocator, stepOf }: Pick<ExportSources, 'model' | 'allocator' | 'stepOf'>,
): Export {
  const { graph, built, layers } = state;
  const found = carriedWithinBudget({ graph, step: built.step, layers }, plan);
  const prediction = predict(state, found.directives, 0);
  const lost = lostLimits(plan, prediction);
  const moved = movedBytes(state, plan, found.directives);
  const sized = carriedSizes(plan, (size) => modelAt(plan, size, stepOf));
  const known = new Set(found.notCarried.map((note) => JSON.stringify(note)));
  const ofSizes = sized.notCarried.filter((note) => !known.has(JSON.stringify(note)));
  const notCarried = [...found.notCarried, ...ofSizes, ...overBudget(state, plan, found, lost)];
  const applied = { ...plan, prediction };
  const devices = allocatorViews(state, plan, found.directives, allocator);
  const carried = { ...found, notCarried };
  return {
    files: [
      {
        suffix: '.plan.py',
        mediaType: 'text/x-python',
        text: pytorchFile(model.graph, plan, carried, prediction, moved, sized),
      },
    ],
    carried: [
      appliedText([
        [carried.checkpoints.length, 'checkpoint'],
        [(carried.offload?.values.length ?? 0) + carried.state.length, 'offloaded value'],
        [Object.keys(carried.place).length, 'placed module'],
        [sized.plans.length, 'plan', ' by size'],
      ]),
      `peak ${formatMemory(prediction.peakBytes)} as the file applies it`,
      stepAsApplied(plan, prediction),
    ],
    notCarried,
    warnings: [
      ...lost.map(
        (fit) => `The file as PyTorch applies it breaks a limit that the plan keeps: ${memoryFitText(fit)}.`,
      ),
      ...slowerThanPlanned(plan, prediction),
      ...deviceWarnings(applied, devices),
    ],
  };
}

/** `15 checkpoints, 1 placed module`: what there is none of is left out. */
function appliedText(counts: readonly (readonly [count: number, noun: string, which?: string])[]): string {
  const there = counts
    .filter(([count]) => count > 0)
    .map(([count, noun, which = '']) => counted(count, noun) + which);
  return there.length > 0 ? there.join(', ') : 'everything is kept where it is';
}

/** Percentage points of step time that are worth a warning. */
const muchPercent = 1;

function stepAsApplied({ prediction: planned }: Plan, { overheadPercent }: Prediction): string {
  const [own, ofPlan] = [overheadPercent, planned.overheadPercent].map(formatOverhead);
  return `step ${own} as the file applies it${own === ofPlan ? '' : ` (the plan: ${ofPlan})`}`;
}

/** A file that is slower than its plan promises: what is planned for whole modules is what files do. */
function slowerThanPlanned(plan: Plan, { overheadPercent }: Prediction): string[] {
  const [own, ofPlan] = [overheadPercent, plan.prediction.overheadPercent].map(formatOverhead);
  if (overheadPercent - plan.prediction.overheadPercent < muchPercent) return [];
  const instead =
    plan.strategy === 'module-checkpoint'
      ? 'Compare it with the file of a plan that does not offload.'
      : 'Compare it with the file of a plan with the strategy module-checkpoint.';
  return [`As PyTorch applies it a step takes ${own} of time, not ${ofPlan} as planned. ${instead}`];
}

/** Bytes that leave and come back under directives. */
function movedBytes(
  state: StepState,
  plan: Plan,
  directives: Directives,
): { readonly outBytes: number; readonly inBytes: number } {
  return offloadViewOf(state, planInputsOf(plan), directives) ?? { outBytes: 0, inBytes: 0 };
}

/** The model at one of the sizes that the plan has plans for. */
function modelAt(plan: Plan, size: Size, stepOf: ExportSources['stepOf']): ModelAtSize {
  const { dimensions, fitted } = plan.sizes!;
  const state = stepOf(withSizes(planInputsOf(plan), dimensions, size, fitted));
  const { graph, built, layers } = state;
  const predict = (directives: Directives): ReturnType<ModelAtSize['predict']> => {
    const { outBytes, inBytes } = movedBytes(state, plan, directives);
    const { peakBytes } = simulate(built.step, compileSchedule(built.step, directives));
    return { peak_bytes: peakBytes, out_bytes: outBytes, back_bytes: inBytes };
  };
  return { graph, step: built.step, layers, predict };
}

/** The limits that the plan keeps and what PyTorch carries of it does not. */
function lostLimits(plan: Plan, prediction: Prediction): MemoryFit[] {
  const planned = memoryFits(plan);
  return memoryFits({ ...plan, prediction }).filter(({ fits }, i) => !fits && planned[i].fits);
}

function overBudget(
  state: StepState,
  plan: Plan,
  found: CarriedPlan,
  lost: readonly MemoryFit[],
): NotCarried[] {
  const over = lost.find(({ limit }) => limit === 'budget');
  if (!over) return [];
  const { offloads } = directivesOfPlan(plan, state);
  return [
    {
      decision: `the budget of ${formatMemory(over.limitBytes)}`,
      why: `what PyTorch carries of the plan takes ${formatMemory(over.peakBytes)}`,
      instead:
        found.directives.offloads.length < offloads.length
          ? 'raise the budget, or plan without offloading'
          : 'plan with the strategy module-checkpoint, which PyTorch carries whole',
    },
  ];
}
