import { formatMemory } from '../base/format';
import { counted } from '../exporters/counted';
import type { CarriedPlan } from '../exporters/pytorch/carriedPlan';
import { pytorchFile } from '../exporters/pytorch/pytorchFile';
import { carriedSizes } from '../exporters/pytorch/sizedPlans';
import { carriedWithinBudget } from '../exporters/pytorch/withinBudget';
import type { Export, NotCarried } from '../exporters/targets';
import type { ModelGraph } from '../graph/modelGraph';
import { fullDeviceWarnings } from '../plan/deviceMemory';
import { memoryFits, memoryFitText, type MemoryFit } from '../plan/memoryFit';
import type { Plan, Prediction } from '../plan/plan';
import { planInputsOf } from '../plan/planInputs';
import type { AllocatorSettings } from './allocatorSettings';
import { allocatorViews } from './allocatorView';
import { directivesOfPlan, predict } from './makePlan';
import { offloadViewOf } from './offload/offloadViewOf';
import type { StepState } from './stepState';

/** The plan as a Python file; its predictions are the simulator's for what PyTorch carries of the plan. */
export function exportPyTorch(
  state: StepState,
  plan: Plan,
  model: ModelGraph,
  allocator: AllocatorSettings,
): Export {
  const { graph, built, layers } = state;
  const found = carriedWithinBudget({ graph, step: built.step, layers }, plan);
  const prediction = predict(state, found.directives, 0);
  const lost = lostLimits(plan, prediction);
  const moved = offloadViewOf(state, planInputsOf(plan), found.directives) ?? { outBytes: 0, inBytes: 0 };
  const sized = carriedSizes({ graph, step: built.step, layers }, plan);
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
        text: pytorchFile(model, plan, carried, prediction, moved, sized),
      },
    ],
    carried: [
      [
        counted(carried.checkpoints.length, 'checkpoint'),
        counted((carried.offload?.values.length ?? 0) + carried.state.length, 'offloaded value'),
        counted(Object.keys(carried.place).length, 'placed module'),
        ...(sized.plans.length > 0 ? [`${counted(sized.plans.length, 'plan')} by size`] : []),
      ].join(', '),
      `peak ${formatMemory(prediction.peakBytes)} as the file applies it`,
    ],
    notCarried,
    warnings: [
      ...lost.map(
        (fit) => `The file as PyTorch applies it breaks a limit that the plan keeps: ${memoryFitText(fit)}.`,
      ),
      ...fullDeviceWarnings(applied, devices),
    ],
  };
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
