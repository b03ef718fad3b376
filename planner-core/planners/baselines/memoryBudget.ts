import { workClasses } from '../../devices/efficiency';
import { Phase, type NodeId, type StepGraph } from '../../step/stepGraph';
import type { PlanningContext } from '../context';
import { schedulePlan, type Baseline } from './baseline';
import { dynamicKnapsack, greedyKnapsack, type KnapsackSolver } from './knapsack';
import { oncePer } from './oncePer';
import { isComputeIntensive } from './operatorPolicies';
import { recomputeOnce } from './recomputeOnce';
import { RematerialisationCut, type SavedResults } from './rematerialisationCut';

/** A result that is this many times smaller than what it was made from is kept: the rule for reductions. */
const reduction = 4;

/**
 * PyTorch's `activation_memory_budget` (torch/_functorch/partitioners.py, `choose_saved_values_set`): which forward
 * results a minimum cut between forward and backward keeps, given what may not run again. A fraction of 1 is the default
 * cut, which saves what heavy backward kernels read; below, that and then the restriction to element-wise operators is
 * dropped, and when even that keeps more than the fraction of the default, a knapsack over the results of heavy operators
 * (value: multiplications, weight: bytes) says which of them run again. 0 keeps nothing.
 * Here on the operators of an eager step, where nothing is fused: what a fused kernel does on the way costs time.
 */
export function memoryBudgetSaves(
  context: PlanningContext,
  fraction: number,
  solver: KnapsackSolver,
): SavedResults {
  const { step } = context;
  if (fraction <= 0) return { saved: new Uint8Array(step.nodeCount), savedBytes: 0 };
  const { cut, heavy, choices } = ladderOf(context);
  const [fallback, ...smaller] = choices;
  if (fraction >= 1 || fallback.savedBytes === 0) return fallback;
  for (const choice of smaller) if (choice.savedBytes < fraction * fallback.savedBytes) return choice;
  const candidates = cut.needed.filter((node) => heavy[node]);
  const kept = solver(
    candidates.map((node) => ({
      weight: cut.bytesOf(node) / fallback.savedBytes,
      value: Math.max(1, 2 * step.macs[node]),
    })),
    fraction,
  );
  const banned = heavy.slice();
  candidates.forEach((node, i) => {
    if (!kept[i]) banned[node] = 0;
  });
  return cut.saves(banned);
}

/** What does not depend on the fraction: the cuts under fewer and fewer restrictions. */
const ladderOf = oncePer((context: PlanningContext) => {
  const { step } = context;
  const cut = new RematerialisationCut(context);
  const heavy = cut.nodes(
    (node) => isComputeIntensive(step, node) || step.drawsRandom[node] === 1 || isReduction(step, node),
  );
  const unlisted = cut.nodes((node) => heavy[node] === 1 || !isFusible(step, node));
  const materialised = heavyBackwardReads(step);
  const atFirst = cut.nodes((node) => unlisted[node] === 1 || materialised[node] === 1);
  const choices = [cut.saves(atFirst), cut.saves(unlisted), cut.saves(heavy)] as const;
  return { cut, heavy, choices };
});

/** Kinds of operators a compiler fuses into their readers. */
const fusible = ['elementwise', 'normalization'];

const isFusible = (step: StepGraph, node: NodeId): boolean =>
  fusible.includes(workClasses[step.workClass[node]]);

/** By node: 1 where a heavy backward kernel reads a result, so that it has to be in memory as a whole. */
function heavyBackwardReads(step: StepGraph): Uint8Array {
  const reads = new Uint8Array(step.nodeCount);
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.backward || !isComputeIntensive(step, node)) continue;
    for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
      const producer = step.producer[step.inputs.items[i]];
      if (producer >= 0) reads[producer] = 1;
    }
  }
  return reads;
}

function isReduction(step: StepGraph, node: NodeId): boolean {
  const sum = ({ offsets, items }: StepGraph['inputs']): number => {
    let bytes = 0;
    for (let i = offsets[node]; i < offsets[node + 1]; i++) bytes += step.valueBytes[items[i]];
    return bytes;
  };
  return sum(step.outputs) * reduction < sum(step.inputs);
}

/** Fractions that are drawn. */
const fractions = [1, 0.9, 0.75, 0.5, 0.25, 0.1, 0] as const;

const budgetRule = (fraction: number, solverName: 'dp' | 'greedy', solver: KnapsackSolver): Baseline => {
  const name = `PyTorch budget ${fraction}${solverName === 'greedy' ? ' greedy' : ''}`;
  return {
    name,
    family: 'pytorch',
    strategies: ['schedule'],
    sweep: 'PyTorch budget',
    description: `torch.compile with activation_memory_budget = ${fraction}, solver ${solverName}: minimum cut, then a knapsack over heavy operators. Here without fusion, so that cheap operators run again at their eager price.`,
    plan(context) {
      const { saved } = memoryBudgetSaves(context, fraction, solver);
      return schedulePlan(context, name, recomputeOnce(context, saved));
    },
  };
};

/** PyTorch's own planner over its budget axis. */
export const memoryBudgets: readonly Baseline[] = [
  ...fractions.map((fraction) => budgetRule(fraction, 'dp', dynamicKnapsack)),
  ...fractions
    .filter((fraction) => fraction > 0 && fraction < 1)
    .map((fraction) => budgetRule(fraction, 'greedy', greedyKnapsack)),
];
