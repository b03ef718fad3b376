import { formatMemory } from '../base/format';
import { counted } from '../exporters/counted';
import { pytorchFile } from '../exporters/pytorch/pytorchFile';
import { carriedSizes } from '../exporters/pytorch/sizedPlans';
import { carriedWithinBudget } from '../exporters/pytorch/withinBudget';
import type { Export, NotCarried } from '../exporters/targets';
import type { ModelGraph } from '../graph/modelGraph';
import type { Plan } from '../plan/plan';
import { predict } from './makePlan';
import type { StepState } from './stepState';

/** The plan as a Python file; its predictions are the simulator's for what PyTorch carries of the plan. */
export function exportPyTorch(state: StepState, plan: Plan, model: ModelGraph): Export {
  const { graph, built, layers } = state;
  const found = carriedWithinBudget({ graph, step: built.step, layers }, plan);
  const prediction = predict(state, found.directives, 0);
  const sized = carriedSizes({ graph, step: built.step, layers }, plan);
  const known = new Set(found.notCarried.map((note) => JSON.stringify(note)));
  const ofSizes = sized.notCarried.filter((note) => !known.has(JSON.stringify(note)));
  const notCarried = [...found.notCarried, ...ofSizes, ...overBudget(plan, prediction.peakBytes)];
  const carried = { ...found, notCarried };
  return {
    files: [
      {
        suffix: '.plan.py',
        mediaType: 'text/x-python',
        text: pytorchFile(model, plan, carried, prediction, sized),
      },
    ],
    carried: [
      [
        counted(carried.checkpoints.length, 'checkpoint'),
        counted(carried.offload.length, 'offloaded module'),
        counted(Object.keys(carried.place).length, 'placed module'),
        ...(sized.plans.length > 0 ? [`${counted(sized.plans.length, 'plan')} by size`] : []),
      ].join(', '),
      `peak ${formatMemory(prediction.peakBytes)} as the file applies it`,
    ],
    notCarried,
  };
}

function overBudget({ budgetBytes, prediction }: Plan, peakBytes: number): NotCarried[] {
  if (peakBytes <= budgetBytes || prediction.peakBytes > budgetBytes) return [];
  return [
    {
      decision: `the budget of ${formatMemory(budgetBytes)}`,
      why: `what PyTorch carries of the plan takes ${formatMemory(peakBytes)}`,
      instead: 'plan with the strategy module-checkpoint, which PyTorch carries whole',
    },
  ];
}
