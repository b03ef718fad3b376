import { defaultDeviceName, findDevice } from '../devices/catalogue';
import type { PlanDevice } from '../plan/plan';
import type { PlanInputs } from '../plan/planInputs';
import type { Workload } from '../step/workload';
import type { Options } from './options';

/** Fields of a workload that are one option with their value. */
const workloadOptions: Readonly<Partial<Record<keyof Workload, keyof Options>>> = {
  precision: 'precision',
  optimizer: 'optimizer',
  optimizerUpdate: 'optimizer-update',
  microBatches: 'micro-batches',
  zeroGrad: 'zero-grad',
  attention: 'attention',
  modelOutput: 'model-output',
};

/** Options that are about the question. */
const ofTheQuestion: readonly string[] = ['memory', 'max-overhead', 'largest', 'json', 'verbose'];

/** Are there devices and links that only all of them together can be said of? Else answers name the one device. */
const isMachine = ({ devices, links }: PlanInputs): boolean => devices.length > 1 || links !== undefined;

/** The arguments of `headroom plan` that the answers to `headroom fit FILE` are plans of, less those of an answer itself. */
export function planArguments(file: string, options: Options, inputs: PlanInputs): string[] {
  const given = Object.entries(options).filter(
    ([name]) => !ofTheQuestion.includes(name) && (name !== 'device' || isMachine(inputs)),
  );
  return [
    file,
    ...given.flatMap(([name, value]) =>
      [value]
        .flat()
        .flatMap((one) => (typeof one === 'boolean' ? [`--${name}`] : [`--${name}`, String(one)])),
    ),
  ];
}

/**
 * What to add to the arguments so that they mean the inputs after a change; undefined where no options say it. A
 * size given again takes the place of the one before.
 */
export function changedArguments(before: PlanInputs, after: PlanInputs): string[] | undefined {
  const { workload, budgetBytes } = after;
  if (isMachine(before) && before.devices !== after.devices) return undefined;
  const changed = (Object.keys(workloadOptions) as (keyof Workload)[]).filter(
    (field) => workload[field] !== before.workload[field],
  );
  const sizes = Object.entries(workload.dims).filter(([name, size]) => before.workload.dims[name] !== size);
  const frozen = workload.frozen.filter((name) => !before.workload.frozen.includes(name));
  return [
    ...(after.strategy === before.strategy ? [] : ['--strategy', after.strategy]),
    ...(after.offload === before.offload || !after.offload ? [] : ['--offload', after.offload.to]),
    ...sizes.flatMap(([name, size]) => ['--dim', `${name}=${size}`]),
    ...changed.flatMap((field) => [`--${workloadOptions[field]}`, String(workload[field])]),
    ...frozen.flatMap((name) => ['--freeze', name]),
    ...(isMachine(before) ? [] : deviceArguments(after.devices[0], budgetBytes)),
    ...(budgetBytes === undefined ? [] : ['--budget', `${budgetBytes}B`]),
  ];
}

/** Without a budget the device is named even where it is the default: it is what the plan is to fill. */
function deviceArguments({ name, memoryBytes }: PlanDevice, budgetBytes: number | undefined): string[] {
  const isWhole = findDevice(name)?.memoryBytes === memoryBytes;
  if (budgetBytes !== undefined && isWhole && name === defaultDeviceName) return [];
  return ['--device', isWhole ? name : `${name}:${memoryBytes}B`];
}

/** One argument as shells read it back. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
