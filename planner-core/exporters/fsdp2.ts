import { headComment } from './comments';
import { counted } from './counted';
import { headLines, type ExportContext } from './exportContext';
import { leftOut, planFacts } from './planFacts';
import { pythonLiteral } from './pytorch/pythonLiteral';
import type { Export, NotCarried } from './targets';

/**
 * FSDP2: which modules `fully_shard` takes, bottom-up, and which are checkpointed before (checkpoint, then compile, then
 * shard: the order torchtitan keeps). Sharded are the natural blocks, so that one block's parameters are gathered at a
 * time, and the root for what is left.
 */
export function fsdp2(context: ExportContext): Export {
  const { layers, plan } = context;
  const facts = planFacts(context);
  const shard = layers.blocks.map((id) => layers.layers[id].name);
  const { precision } = plan.workload;
  const carried = [
    `${counted(facts.checkpointed.length, 'module')} checkpointed with torch.utils.checkpoint (non-reentrant).`,
    `${counted(shard.length, 'block')} sharded one by one, then the model.`,
  ];
  const notCarried: NotCarried[] = [...leftOut(facts, 'FSDP2', ['operators', 'offload', 'devices'])];
  if (plan.workload.checkpointing === 'reentrant')
    notCarried.push({
      decision: 'reentrant checkpoints',
      why: 'composable sharding needs the non-reentrant ones',
      instead: 'plan with --checkpointing non-reentrant',
    });
  if (precision.endsWith('autocast'))
    notCarried.push({
      decision: `precision ${precision}`,
      why: 'a MixedPrecisionPolicy casts parameters for every operator, autocast only for some',
      instead: 'run the forward pass in torch.autocast, as the plan assumes',
    });
  const text = [
    headComment(headLines(context, 'Activation checkpoints and FSDP2 sharding'), carried, notCarried),
    '# The predicted peak is that of one device with all parameters; sharding over N ranks takes (N-1)/N of',
    '# parameters, gradients and optimizer state off it, and adds the parameters of the block that is gathered.',
    'import functools',
    '',
    'from torch.distributed.algorithms._checkpoint.checkpoint_wrapper import (',
    '    CheckpointImpl,',
    '    apply_activation_checkpointing,',
    '    checkpoint_wrapper,',
    ')',
    '',
    `CHECKPOINT = ${pythonLiteral(facts.checkpointed)}`,
    `SHARD = ${pythonLiteral(shard)}`,
    program,
  ].join('\n');
  return { files: [{ suffix: '.fsdp2.py', mediaType: 'text/x-python', text }], carried, notCarried };
}

const program = `

def find(model, names):
    """The modules of these names; says which ones the model does not have."""
    modules = dict(model.named_modules())
    missing = [name for name in names if name not in modules]
    if missing:
        raise ValueError(f"the plan is for another model: it has no modules {missing[:5]}")
    return [modules[name] for name in names]


def apply_checkpoints(model):
    """Wraps the planned modules; parameter names get a prefix that state_dict() takes off again."""
    targets = set(find(model, CHECKPOINT))
    wrapper = functools.partial(checkpoint_wrapper, checkpoint_impl=CheckpointImpl.NO_REENTRANT)
    apply_activation_checkpointing(model, checkpoint_wrapper_fn=wrapper, check_fn=lambda module: module in targets)
    return model


def apply(model, mesh=None, **fsdp):
    """Checkpoints, then shards bottom-up. \`fsdp\`: mp_policy, offload_policy, reshard_after_forward."""
    from torch.distributed.fsdp import fully_shard

    find(model, SHARD)
    apply_checkpoints(model)
    # get_submodule sees through the wrappers' names.
    for name in SHARD:
        fully_shard(model.get_submodule(name), mesh=mesh, **fsdp)
    fully_shard(model, mesh=mesh, **fsdp)
    return model
`;
