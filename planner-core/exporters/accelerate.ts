import { eachDevice } from '../devices/machine';
import { commented } from './comments';
import { deviceMap } from './deviceMap';
import { headLines, type ExportContext } from './exportContext';
import { leftOut, planFacts } from './planFacts';
import { notCarriedLines, type Export, type NotCarried } from './targets';

/**
 * Hugging Face Accelerate: a `device_map` (what `dispatch_model` and `from_pretrained(device_map=...)` read) and a
 * configuration file for `accelerate launch`. A device map may hold nothing but places, so that what it cannot say is
 * in the configuration beside it.
 */
export function accelerate(context: ExportContext): Export {
  const { plan, step } = context;
  const facts = planFacts(context);
  const names = deviceNames(context);
  const { map, together } = deviceMap(context);
  const entries = Object.fromEntries(Object.entries(map).map(([name, device]) => [name, names[device]]));
  const carried = [
    `the device map, ${Object.keys(map).length === 1 ? '1 entry' : `${Object.keys(map).length} entries`}: ${step.devices.map((id, i) => `${id} is ${JSON.stringify(names[i])}`).join(', ')}.`,
    `mixed precision ${mixedPrecision(context)}.`,
  ];
  const notCarried: NotCarried[] = [
    ...leftOut(facts, 'a device map', ['checkpoints', 'operators', 'offload', 'replicas']),
  ];
  if (together.length > 0)
    notCarried.push({
      decision: `places inside ${together.slice(0, 3).join(', ')}${together.length > 3 ? ` and ${together.length - 3} more` : ''}`,
      why: 'a block with a residual connection must not be split, nor an operator from the module that runs it',
      instead: 'each is where most of its work is planned',
    });
  if (facts.devicesUsed.length > 1 && plan.workload.mode === 'training')
    notCarried.push({
      decision: 'the times of training over several devices',
      why: 'Accelerate runs one module after the other and sends results as it comes to them',
      instead: 'use the export "pipelining" for training',
    });
  const configuration = [
    commented([
      ...headLines(context, 'Accelerate configuration, to go with the device map beside it'),
      ...carried.map((line) => `Carried: ${line}`),
      ...notCarriedLines(notCarried),
    ]),
    'compute_environment: LOCAL_MACHINE',
    'debug: false',
    // With a device map one process holds all devices.
    "distributed_type: 'NO'",
    "downcast_bf16: 'no'",
    'machine_rank: 0',
    'main_training_function: main',
    `mixed_precision: '${mixedPrecision(context)}'`,
    'num_machines: 1',
    'num_processes: 1',
    `use_cpu: ${names.every((name) => name === 'cpu')}`,
    '',
  ].join('\n');
  return {
    files: [
      {
        suffix: '.device_map.json',
        mediaType: 'application/json',
        text: `${JSON.stringify(entries, undefined, 2)}\n`,
      },
      { suffix: '.accelerate.yaml', mediaType: 'application/yaml', text: configuration },
    ],
    carried,
    notCarried,
  };
}

/** By device: its number among the accelerators, or 'cpu'. */
function deviceNames({ plan }: ExportContext): (number | 'cpu')[] {
  let accelerators = 0;
  return eachDevice(plan.devices).map(({ name }) => (/\(CPU\)$/.test(name) ? 'cpu' : accelerators++));
}

function mixedPrecision({ plan }: ExportContext): 'no' | 'bf16' | 'fp16' {
  const { precision } = plan.workload;
  return precision === 'bf16-autocast' ? 'bf16' : precision === 'fp16-autocast' ? 'fp16' : 'no';
}
