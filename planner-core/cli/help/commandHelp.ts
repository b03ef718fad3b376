import { exportTargets } from '../../exporters/targets';
import type { OptionGroup } from './optionGroups';

/** What `headroom COMMAND --help` says. */
export interface CommandHelp {
  readonly group: 'Look' | 'Plan' | 'Use a plan' | 'Measure';
  /** In a few words, for the list of commands. */
  readonly does: string;
  readonly usage: readonly string[];
  /** Lines of its own options. */
  readonly options?: string;
  readonly groups: readonly OptionGroup[];
  readonly examples: readonly string[];
}

const step: readonly OptionGroup[] = ['step', 'step details'];
const gpt2 = 'samples/gpt2_small.train.onnx --dim batch=8 --dim seq=1024';

/** Every command, in the order in which people meet them. */
export const commandHelp: Readonly<Record<string, CommandHelp>> = {
  inspect: {
    group: 'Look',
    does: 'what a model file holds: operators, parameters, dimensions',
    usage: ['headroom inspect MODEL… [--dim NAME=N]… [--json]'],
    groups: [],
    examples: ['headroom inspect samples/resnet50.train.onnx'],
  },
  profile: {
    group: 'Look',
    does: 'what one step keeps in memory, by kind and module, and what nvidia-smi would show',
    usage: ['headroom profile MODEL… [--plan FILE | --checkpoint CHECKPOINT] [--json]'],
    options: `  --plan FILE             the step under a plan
  --checkpoint CHECKPOINT none | every-block | every-2nd-block | first-half | MODULE,MODULE…`,
    groups: [...step, 'devices', 'allocator'],
    examples: [`headroom profile ${gpt2} --optimizer adamw`],
  },
  frontier: {
    group: 'Look',
    does: 'overhead against memory: every strategy, well-known rules, the proven floor',
    usage: ['headroom frontier MODEL [--json | --verbose]'],
    groups: [...step, 'planning', 'devices', 'offloading'],
    examples: [`headroom frontier ${gpt2} --json`],
  },
  plan: {
    group: 'Plan',
    does: 'the plan for a budget, with its price and what is proven of it',
    usage: [
      'headroom plan MODEL --budget 8GiB|70%|--device NAME [--out FILE] [--json | --verbose]',
      'headroom plan MODEL --budget 8GiB --sizes SIZES|FILE [--dimensions NAME,NAME] [--merge PERCENT] [--measured FILE]…',
      'headroom plan MODEL --budget 8GiB --offload host --chunks SIZE|auto [--update-on PLACE] [--host-device NAME]',
      'headroom plan MODEL --budget 8GiB --offload host|storage --packs N|auto --micro-batches N',
    ],
    options: `  --budget SIZE|PERCENT   for what tensors ask of the first device; % of keeping everything. Without it, with --device:
                          the largest whose plan fits with what PyTorch's allocator and the CUDA context add
  --objective AIM         fit (default: all on the first device) | latency: the fastest step over several devices
                          | throughput: the fastest pipeline | energy | carbon: least of a step under the budget
  --carbon-intensity G    grams of carbon dioxide for a kilowatt-hour, for --objective carbon
  --planner auto|NAME     one planner instead of the best of all
  --prove                 search for a proof, and with the strategy schedule for better plans
  --time-limit S          for that search (default 30)
  --out FILE              write the plan
  --verbose               a line for every decision, a row for every plan
  --sizes SIZES|FILE      sizes that inputs come in: "128:0.3 256:0.5", "p50:128 p99:512", or a file of one, of a size a
                          line, CSV or JSON; answers which plan to use up to which size
  --merge PERCENT         one plan where it is slower than the best by at most so much (default 2)
  --measured FILE         layers at some sizes: a table or a PyTorch profiler trace (FILE@seq=64,128 without shapes)
  --chunks SIZE|auto      parameters, gradients and optimizer state move in chunks of one size
  --update-on PLACE       with --chunks: auto (default: some on either) | device | host
  --host-device NAME      with --chunks: the processor that updates on the host (default: EPYC 9654 (CPU))
  --packs N|auto          layers come to the device in packs, which take groups of micro-batches in turn`,
    groups: [...step, 'planning', 'devices', 'offloading', 'allocator'],
    examples: [
      `headroom plan ${gpt2} --optimizer adamw --budget 70% --out samples/gpt2.plan.json`,
      `headroom plan ${gpt2} --optimizer adamw --budget 8GiB --offload host`,
      'headroom plan samples/bert_base.train.onnx --dim batch=12 --budget 4GiB --sizes "128:0.3 256:0.5 512:0.2"',
      'headroom plan samples/resnet50.train.onnx --machine workstation-4090-t4 --budget 8GiB --objective throughput',
    ],
  },
  fit: {
    group: 'Plan',
    does: 'the smallest budget, the largest batch, the cheapest change that fits a memory',
    usage: ['headroom fit MODEL [--memory 24GiB] [--max-overhead PERCENT] [--largest DIMENSION] [--json]'],
    options: `  --memory SIZE           as nvidia-smi counts it (default: what the device has)
  --max-overhead PERCENT  how much slower a step may be (default 10)
  --largest DIMENSION     only the largest size of this dimension`,
    groups: [...step, 'planning', 'devices', 'offloading', 'allocator'],
    examples: [
      'headroom fit samples/gpt2_small.train.onnx --dim batch=16 --dim seq=1024 --optimizer adamw --memory 24GiB',
    ],
  },
  share: {
    group: 'Plan',
    does: 'several jobs on one device: how much memory each gets',
    usage: ['headroom share MODEL MODEL… [--memory 24GiB] [--alignment any|turns] [--out FOLDER] [--json]'],
    options: `  --dim [JOB:]NAME=N      for every job, or 2:batch=8 for the second alone
  --alignment A           any (default): steps may meet in any way | turns: one step runs after the other
  --out FOLDER            a plan file for each job`,
    groups: [...step, 'planning', 'devices', 'offloading', 'allocator'],
    examples: [
      'headroom share samples/gpt2_small.train.onnx samples/resnet50.train.onnx --dim 1:seq=1024 --memory 24GiB',
    ],
  },
  split: {
    group: 'Plan',
    does: 'where to cut a model between a device and a server, by bandwidth',
    usage: ['headroom split MODEL --between A,B [--bandwidth GB/s,GB/s] [--one-way] [--json]'],
    groups: [...step, 'planning', 'devices'],
    examples: [
      'headroom split samples/mobilenet_v2.train.onnx --mode inference --machine edge-pi-server --between edge,server',
    ],
  },
  scale: {
    group: 'Plan',
    does: 'how to train on many servers: tensor, pipeline and data parallelism, ranked',
    usage: ['headroom scale MODEL --servers N --devices-per-server N [--device NAME] [--json]'],
    options: `  --global-batch N        samples of an update
  --micro-batch N,N…      sizes of micro-batches to try
  --device-link LINK      between devices of a server
  --server-link LINK      between servers
  --memory SIZE           of each device
  --zero 0|1|2|3          the most that ZeRO may shard`,
    groups: [...step, 'devices'],
    examples: [
      'headroom scale samples/gpt2_small.train.onnx --servers 4 --devices-per-server 8 --device "H100 SXM"',
    ],
  },
  check: {
    group: 'Use a plan',
    does: 'is a plan still right, and does it fit? exit code 1: no',
    usage: ['headroom check PLAN [--model MODEL] [--json]'],
    groups: ['allocator'],
    examples: ['headroom check samples/gpt2.plan.json'],
  },
  export: {
    group: 'Use a plan',
    does: 'PyTorch code that applies it, configurations of engines, pictures, tables',
    usage: ['headroom export PLAN --target TARGET [--model MODEL] [--out FILE]'],
    options: `  TARGET                  ${exportTargets.slice(0, 8).join(' | ')} |
                          ${exportTargets.slice(8).join(' | ')}
                          what a target cannot say of the plan goes to stderr; accelerate and onnx need --out`,
    groups: ['allocator'],
    examples: ['headroom export samples/gpt2.plan.json --target pytorch --out samples/gpt2.plan.py'],
  },
  report: {
    group: 'Use a plan',
    does: 'one HTML file (or .md) to attach to a ticket',
    usage: ['headroom report MODEL --plan PLAN --out FILE'],
    groups: ['allocator'],
    examples: [
      'headroom report samples/gpt2_small.train.onnx --plan samples/gpt2.plan.json --out samples/gpt2.report.html',
    ],
  },
  diff: {
    group: 'Use a plan',
    does: 'what differs between two plans, in words',
    usage: ['headroom diff PLAN PLAN [--json | --verbose]'],
    groups: [],
    examples: ['headroom diff samples/gpt2.plan.json samples/energy.plan.json'],
  },
  measure: {
    group: 'Measure',
    does: 'what PyTorch took, beside what was predicted',
    usage: ['headroom measure MODEL TRACE… [--calibrate [--out FILE]] [--json]'],
    groups: [...step, 'devices'],
    examples: [],
  },
  calibrate: {
    group: 'Measure',
    does: 'a device from measured times',
    usage: ['headroom calibrate MEASUREMENTS --device NAME [--out FILE] [--json]'],
    groups: [],
    examples: [],
  },
  solve: {
    group: 'Measure',
    does: 'planning problems of the literature, to compare planners by',
    usage: [
      'headroom solve INSTANCE… [--budget BYTES | --budget-ratio R] [--time-limit S] [--json]',
      '              [--objective time|latency|throughput|energy] [--device ID] [--runtime-ratio R]',
    ],
    groups: [],
    examples: [],
  },
};
