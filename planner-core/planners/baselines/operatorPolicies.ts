import { workClasses, type WorkClass } from '../../devices/efficiency';
import type { Decision } from '../../plan/plan';
import { Phase, ValueKind, type NodeId, type StepGraph } from '../../step/stepGraph';
import type { PlanningContext } from '../context';
import type { Baseline } from './baseline';

/** Does a policy keep what a forward node makes? Asked in execution order within a block. */
type Keeps = (node: NodeId) => boolean;

const products: readonly WorkClass[] = [
  'gemm',
  'convolution',
  'pointwise-convolution',
  'depthwise-convolution',
  'first-convolution',
];
const intensive: readonly WorkClass[] = [...products, 'attention', 'recurrent'];

const classOf = (step: StepGraph, node: NodeId): WorkClass => workClasses[step.workClass[node]];

/** Is a node what PyTorch runs a compute-intensive operator for: a product, a convolution, attention, a recurrent layer? */
export const isComputeIntensive = (step: StepGraph, node: NodeId): boolean =>
  intensive.includes(classOf(step, node));

/** Is a node a product with a weight (aten.mm, aten.linear), not one of two activations? */
function isWeightProduct(step: StepGraph, node: NodeId): boolean {
  if (classOf(step, node) !== 'gemm') return false;
  for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++)
    if (step.valueKind[step.inputs.items[i]] === ValueKind.parameter) return true;
  return false;
}

/** Operators that run again under a policy: all in checkpointed regions but those it keeps. */
function policyDecisions(context: PlanningContext, keepsIn: () => Keeps): Decision[] {
  const { step } = context;
  const { blocks, regionOfNode } = context.problem.layers;
  const policies = new Map(blocks.map((block) => [block, keepsIn()]));
  const decisions: Decision[] = [];
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.forward) continue;
    const keeps = policies.get(regionOfNode[node]);
    if (!keeps || keeps(node) || context.fixed[node]) continue;
    decisions.push({ target: step.nodeName[node], kind: 'operator', choice: 'recompute' });
  }
  return decisions;
}

const policy = (name: string, description: string, keepsIn: (step: StepGraph) => Keeps): Baseline => ({
  name,
  family: 'operators',
  strategies: ['selective'],
  description,
  plan: (context) =>
    context.plannedFromDecisions(
      name,
      policyDecisions(context, () => keepsIn(context.step)),
      'selective',
    ),
});

/** Selective activation checkpointing by the type of operators, every block under a checkpoint of its own. */
export const operatorPolicies: readonly Baseline[] = [
  policy(
    'save matmuls',
    'jax.checkpoint_policies.dots_saveable around every block: results of matrix products and convolutions are kept, all else in the block runs again.',
    (step) => (node) => products.includes(classOf(step, node)),
  ),
  policy(
    'save matmuls and attention',
    'Selective activation checkpointing around every block: results of matrix products, convolutions, attention and recurrent layers are kept, all else runs again.',
    (step) => (node) => isComputeIntensive(step, node),
  ),
  policy(
    'save every 2nd matmul',
    'torchtitan’s selective activation checkpointing by operator: as “save matmuls and attention”, but of the products with a weight every second one in a block runs again.',
    (step) => {
      let count = 0;
      return (node) => {
        if (!isWeightProduct(step, node)) return isComputeIntensive(step, node);
        count++;
        return count % 2 === 1;
      };
    },
  ),
];
