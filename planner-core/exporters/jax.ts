import { ValueKind, type NodeId } from '../step/stepGraph';
import { BlockRecomputation } from './blockRecomputation';
import { headComment } from './comments';
import { counted } from './counted';
import {
  alternative,
  comparedWithPlan,
  headLines,
  isAsPlanned,
  type Alternative,
  type ExportContext,
} from './exportContext';
import { leftOut, planFacts } from './planFacts';
import { pythonLiteral } from './pytorch/pythonLiteral';
import type { Export, NotCarried } from './targets';

/** Names in jax.checkpoint_policies, from what keeps most to what keeps least. */
const policies = [
  'everything_saveable',
  'dots_saveable',
  'dots_with_no_batch_dims_saveable',
  'nothing_saveable',
] as const;
type Policy = (typeof policies)[number];

/**
 * jax.checkpoint (flax: nn.remat): for each block the policy whose saved results differ least, in bytes, from what the
 * plan keeps there. Names of blocks are those of the model file.
 */
export function jax(context: ExportContext): Export {
  const { layers, plan } = context;
  const blocks = new BlockRecomputation(context);
  const facts = planFacts(context);
  const nearest = policiesOf(context, blocks);
  const { chosen, simulated, isSame, tightened } = withinBudget(context, blocks, nearest);
  const table = Object.fromEntries(layers.blocks.map((id, at) => [layers.layers[id].name, chosen[at]]));
  const carried = [
    `a policy for each of ${chosen.length} blocks.`,
    `simulated with eager operators: ${comparedWithPlan(simulated, plan)}.`,
  ];
  const notCarried: NotCarried[] = [...leftOut(facts, 'jax.checkpoint', ['offload', 'devices'])];
  if (!isSame)
    notCarried.push({
      decision: 'which results are kept, one by one',
      why: 'a policy keeps results by the kind of their operator, and only blocks are wrapped',
      instead: `the nearest policies, simulated above${tightened > 0 ? `; to stay within the budget, nothing of ${counted(tightened, 'block')} is kept` : ''}`,
    });
  if (!simulated.fits)
    notCarried.push({
      decision: 'the budget',
      why: 'wrapping whole blocks does not keep the simulated peak under it',
      instead: 'wrap parts of the blocks as well, or lower the batch',
    });
  const text = [
    headComment(headLines(context, 'Policies for jax.checkpoint'), carried, notCarried),
    `POLICIES = ${pythonLiteral(table)}`,
    program,
  ].join('\n');
  return { files: [{ suffix: '.jax.py', mediaType: 'text/x-python', text }], carried, notCarried };
}

/** The nearest policies; where they are over the budget, as few of the first blocks as do keep nothing instead. */
function withinBudget(
  context: ExportContext,
  blocks: BlockRecomputation,
  nearest: readonly Policy[],
): { chosen: readonly Policy[]; simulated: Alternative; isSame: boolean; tightened: number } {
  const tightening = (count: number): readonly Policy[] =>
    nearest.map((policy, at) => (at < count ? 'nothing_saveable' : policy));
  for (let count = 0; ; count++) {
    const chosen = tightening(count);
    // Nothing new: the block keeps nothing already.
    if (count > 0 && count < nearest.length && nearest[count - 1] === 'nothing_saveable') continue;
    const recomputations = recomputationsOf(context, blocks, chosen);
    const simulated = alternative(context, recomputations);
    if (!simulated.fits && count < nearest.length) continue;
    const tightened = chosen.filter((policy, at) => policy !== nearest[at]).length;
    return { chosen, simulated, isSame: isAsPlanned(context, recomputations), tightened };
  }
}

function recomputationsOf(
  context: ExportContext,
  blocks: BlockRecomputation,
  chosen: readonly Policy[],
): Int32Array {
  const again = new Uint8Array(context.step.nodeCount);
  blocks.forward.forEach((nodes, at) => {
    for (const node of nodes) again[node] = Number(runsAgain(context, node, chosen[at]));
  });
  return blocks.operators(again);
}

function policiesOf(context: ExportContext, { forward }: BlockRecomputation): Policy[] {
  const { step, directives } = context;
  const again = new Uint8Array(step.nodeCount);
  for (let i = 1; i < directives.recomputations.length; i += 2) again[directives.recomputations[i]] = 1;
  const bytes = (node: NodeId): number => {
    let sum = 0;
    for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++)
      sum += step.valueBytes[step.outputs.items[i]];
    return sum;
  };
  return forward.map((nodes) => {
    // What an early stop leaves out is neither kept nor needed.
    const last = nodes.findLast((node) => again[node]);
    if (last === undefined) return 'everything_saveable';
    const compared = nodes.filter((node) => node <= last && context.layers.recomputable[node]);
    const distance = (policy: Policy): number =>
      compared.reduce(
        (sum, node) => sum + (runsAgain(context, node, policy) === (again[node] === 1) ? 0 : bytes(node)),
        0,
      );
    // Of equals the one that keeps least: it is the plan's intent to save memory here.
    return [...policies].reverse().reduce((best, one) => (distance(one) < distance(best) ? one : best));
  });
}

/** Dots with batch dimensions are products of two activations. */
function runsAgain({ step }: ExportContext, node: NodeId, policy: Policy): boolean {
  if (policy === 'nothing_saveable') return true;
  if (policy === 'everything_saveable') return false;
  if (step.macs[node] === 0) return true;
  if (policy === 'dots_saveable') return false;
  for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++)
    if (step.valueKind[step.inputs.items[i]] === ValueKind.parameter) return false;
  return true;
}

const program = `

def policy(block):
    """The policy for a block, for jax.checkpoint(..., policy=policy(name)) or flax.linen.remat."""
    import jax

    return getattr(jax.checkpoint_policies, POLICIES[block])


def checkpointed(function, block, **options):
    """The block's function as the plan wants it; blocks that keep everything are left as they are."""
    import jax

    if POLICIES[block] == "everything_saveable":
        return function
    return jax.checkpoint(function, policy=policy(block), **options)
`;
