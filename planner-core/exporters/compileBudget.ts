import { memoryBudgetSaves } from '../planners/baselines/memoryBudget';
import { dynamicKnapsack } from '../planners/baselines/knapsack';
import { recomputeOnce } from '../planners/baselines/recomputeOnce';
import { PlanningContext } from '../planners/context';
import { headComment } from './comments';
import {
  alternative,
  comparedWithPlan,
  headLines,
  type Alternative,
  type ExportContext,
} from './exportContext';
import { leftOut, planFacts } from './planFacts';
import type { Export, NotCarried } from './targets';

/** Fractions that are tried: hundredths. */
const steps = 100;

/**
 * torch.compile's activation_memory_budget: the largest fraction whose simulated peak is no higher than the plan's.
 * PyTorch's partitioner then chooses by itself what is saved, the same as here but for what its fusions change.
 */
export function compileBudget(context: ExportContext): Export {
  const { plan } = context;
  const { fraction, reached, hasPeak } = fractionOf(context);
  const facts = planFacts(context);
  const carried = [
    `activation_memory_budget = ${fraction}.`,
    `simulated, without fusion: ${comparedWithPlan(reached, plan)}.`,
  ];
  const notCarried: NotCarried[] = [...leftOut(facts, 'torch.compile', ['offload', 'devices'])];
  if (facts.checkpointed.length + facts.loneOperators.length > 0)
    notCarried.push({
      decision: 'which modules and operators run again',
      why: 'the partitioner chooses by itself',
      instead: 'the nearest fraction, simulated above',
    });
  if (!hasPeak)
    notCarried.push({
      decision: `the peak of ${plan.prediction.peakBytes} bytes`,
      why: 'no fraction reaches it',
      instead: `the one with the least peak, ${reached.fits ? 'within' : 'over'} the budget`,
    });
  const text = [
    headComment(headLines(context, 'Activation memory budget of torch.compile'), carried, notCarried),
    `ACTIVATION_MEMORY_BUDGET = ${fraction}`,
    program,
  ].join('\n');
  return { files: [{ suffix: '.compile.py', mediaType: 'text/x-python', text }], carried, notCarried };
}

function fractionOf(context: ExportContext): { fraction: number; reached: Alternative; hasPeak: boolean } {
  const { step, layers, plan } = context;
  const planning = new PlanningContext({ step, layers, pins: [] });
  const known = new Map<string, Alternative>();
  const at = (fraction: number): Alternative => {
    const { saved } = memoryBudgetSaves(planning, fraction, dynamicKnapsack);
    const key = saved.join('');
    const found = known.get(key) ?? alternative(context, recomputeOnce(planning, saved), 'one device');
    known.set(key, found);
    return found;
  };
  let least: { fraction: number; reached: Alternative } | undefined;
  // From the fastest on: fractions are not quite in the order of their peaks.
  for (let hundredths = steps; hundredths >= 0; hundredths--) {
    const fraction = hundredths / steps;
    const reached = at(fraction);
    if (reached.peakBytes <= plan.prediction.peakBytes) return { fraction, reached, hasPeak: true };
    if (!least || reached.peakBytes < least.reached.peakBytes) least = { fraction, reached };
  }
  return { ...least!, hasPeak: false };
}

const program = `

def apply(model, **options):
    """Compiles the model under the budget: the setting holds for everything compiled from now on."""
    import torch
    import torch._functorch.config

    torch._functorch.config.activation_memory_budget = ACTIVATION_MEMORY_BUDGET
    return torch.compile(model, **options)
`;
