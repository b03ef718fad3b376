import { HeadroomError } from '../base/errors';
import { Phase } from '../step/stepGraph';
import { headComment } from './comments';
import { headLines, type ExportContext } from './exportContext';
import { leftOut, listed, planFacts } from './planFacts';
import { pythonLiteral } from './pytorch/pythonLiteral';
import type { Export, NotCarried } from './targets';

/** A stage of a pipeline: from the first block of its own to the next stage. */
interface Stage {
  readonly device: string;
  /** Module the stage begins with; '' for the first. */
  readonly begin: string;
}

/**
 * torch.distributed.pipelining: where to split the model into stages, for 1F1B. A stage begins with a block whose
 * first operator is the first to run on another device. Throws 'bad-usage' for a plan on one device.
 */
export function pipelining(context: ExportContext): Export {
  const { plan } = context;
  const facts = planFacts(context);
  if (facts.devicesUsed.length < 2) {
    throw new HeadroomError(
      'bad-usage',
      'The plan runs on one device: there is nothing to split into stages.',
      facts.shared.length > 0
        ? 'All devices share its only stage: use the export "fsdp2", or DistributedDataParallel.'
        : 'Plan with several --device and --objective throughput, or pin blocks to devices.',
    );
  }
  const { stages, moved } = stagesOf(context);
  if (stages.length < 2) {
    throw new HeadroomError(
      'bad-usage',
      'No block of the plan begins on another device than the one before: there is no place to split.',
      'Pin whole blocks to devices, or use the export "pytorch".',
    );
  }
  const splits = stages.slice(1).map(({ begin }) => begin);
  const groups = stages.map(({ device }) => facts.shared.find(([first]) => first === device) ?? [device]);
  // Pipelines with the same number of devices at every stage are so many pipelines side by side.
  const copies = groups.every(({ length }) => length === groups[0].length) ? groups[0].length : 1;
  const microBatches = Math.max(Math.ceil(plan.workload.microBatches / copies), stages.length);
  const carried = [
    `${stages.length} stages, on ${stages.map(({ device }) => device).join(', ')}: split before ${listed(splits)}.`,
    ...(copies > 1
      ? [`Each stage is shared by ${copies} devices: so many pipelines, whose gradients are averaged.`]
      : []),
  ];
  const notCarried: NotCarried[] = [
    ...leftOut(facts, 'torch.distributed.pipelining', ['checkpoints', 'operators', 'offload']),
  ];
  if (copies === 1)
    for (const devices of facts.shared)
      notCarried.push({
        decision: `a stage that ${devices.join(', ')} share`,
        why: 'other stages are not shared by as many, and a schedule has one rank for each stage',
        instead: `it runs on ${devices[0]} alone; plan with as many devices for every stage`,
      });
  if (new Set(stages.map(({ device }) => device)).size < stages.length)
    notCarried.push({
      decision: 'stages that go back to a device',
      why: 'Schedule1F1B has one stage a rank',
      instead: 'use ScheduleInterleaved1F1B with the same split points, or plan for contiguous stages',
    });
  if (moved.length > 0)
    notCarried.push({
      decision: `where ${listed(moved)} ${moved.length === 1 ? 'runs' : 'run'}`,
      why: 'stages begin with blocks and go from one to the next',
      instead: 'they run with the stage they lie in',
    });
  // A plan that was run as this pipeline has the peaks of all that is in flight.
  if (!plan.prediction.throughput || microBatches * copies !== plan.workload.microBatches)
    notCarried.push({
      decision: 'the predicted peaks',
      why: `1F1B with ${microBatches} micro-batches holds those of up to as many as there are stages after it`,
      instead: 'plan for the size of one micro-batch; "headroom scale" estimates pipelines',
    });
  const text = [
    headComment(headLines(context, 'Split points for torch.distributed.pipelining'), carried, notCarried),
    `SPLIT_POINTS = ${pythonLiteral(splits)}`,
    `DEVICES = ${pythonLiteral(copies > 1 ? groups : stages.map(({ device }) => device))}`,
    `COPIES = ${copies}`,
    `MICRO_BATCHES = ${microBatches}`,
    program,
  ].join('\n');
  return { files: [{ suffix: '.pipelining.py', mediaType: 'text/x-python', text }], carried, notCarried };
}

/** Stages in execution order, and modules that the plan has elsewhere, at least in part. */
function stagesOf({ graph, step, layers, directives }: ExportContext): { stages: Stage[]; moved: string[] } {
  const deviceOf = (node: number): string => step.devices[directives.placement?.[node] ?? 0];
  const blockAt = new Map(
    layers.blocks.map((id) => [layers.layers[id].forwardNodes[0], layers.layers[id].name]),
  );
  const [firstBlock] = layers.blocks;
  // What comes before the first block goes with it, wherever the plan has it.
  const start = firstBlock === undefined ? 0 : layers.layers[firstBlock].forwardNodes[0];
  const stages: Stage[] = [{ device: deviceOf(start), begin: '' }];
  const moved = new Set<string>();
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.forward) continue;
    const block = blockAt.get(node);
    const device = deviceOf(node);
    if (block !== undefined && device !== stages[stages.length - 1].device)
      stages.push({ device, begin: block });
    if (device !== stages[stages.length - 1].device)
      moved.add(graph.modules[step.nodeModule[node]]?.name || step.nodeName[node]);
  }
  return { stages, moved: [...moved] };
}

const program = `

def split_spec():
    from torch.distributed.pipelining import SplitPoint

    return {name: SplitPoint.BEGINNING for name in SPLIT_POINTS}


def build(model, example_args, example_kwargs=None):
    """Traces the model on one micro-batch and splits it; says which split points the model does not have."""
    from torch.distributed.pipelining import pipeline

    modules = dict(model.named_modules())
    missing = [name for name in SPLIT_POINTS if name not in modules]
    if missing:
        raise ValueError(f"the plan is for another model: it has no modules {missing}")
    pipe = pipeline(model, mb_args=example_args, mb_kwargs=example_kwargs or {}, split_spec=split_spec())
    if pipe.num_stages != len(DEVICES):
        raise ValueError(f"the model came apart into {pipe.num_stages} stages instead of {len(DEVICES)}")
    return pipe


def schedule(pipe, rank, device, loss_fn, group=None, copies=None):
    """What rank \`rank\` of a pipeline runs: \`schedule(...).step(inputs)\` on the first, \`.step(target=...)\` on the last.

    group: the ranks of this pipeline. copies: where COPIES is more than 1, the ranks that have the same stage; their
    gradients are averaged, and each pipeline gets its share of the micro-batches.
    """
    from torch.distributed.pipelining import Schedule1F1B

    stage = pipe.build_stage(rank, device, group)
    if COPIES > 1:
        from torch.nn.parallel import DistributedDataParallel

        stage.submod = DistributedDataParallel(stage.submod, process_group=copies)
    return Schedule1F1B(stage, n_microbatches=MICRO_BATCHES, loss_fn=loss_fn)
`;
