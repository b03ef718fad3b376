import { parseArgs } from 'node:util';
import { HeadroomError } from '../base/errors';
import { didYouMean } from '../base/didYouMean';
import { nearestNames } from '../base/nearestNames';
import { eachDevice } from '../devices/machine';
import {
  choices,
  strategies,
  type Choice,
  type Decision,
  type PlanDevice,
  type Strategy,
} from '../plan/plan';
import {
  checkpointings,
  defaultWorkload,
  inPlaces,
  livenesses,
  losses,
  modelOutputs,
  optimizers,
  optimizerUpdates,
  precisions,
  stepKinds,
  zeroGrads,
  type Workload,
} from '../step/workload';
import { allocatorSpecification } from './allocatorOptions';
import { badUsage } from './badUsage';
import { offloadSpecification } from './offloadOptions';
import { machineOf, machineSpecification } from './machineOptions';

export { badUsage };

const specification = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  json: { type: 'boolean' },
  verbose: { type: 'boolean' },
  dim: { type: 'string', multiple: true },
  mode: { type: 'string' },
  precision: { type: 'string' },
  optimizer: { type: 'string' },
  loss: { type: 'string' },
  semantics: { type: 'string' },
  attention: { type: 'string' },
  dropout: { type: 'string' },
  'optimizer-update': { type: 'string' },
  'micro-batches': { type: 'string' },
  'zero-grad': { type: 'string' },
  step: { type: 'string' },
  checkpointing: { type: 'string' },
  'model-output': { type: 'string' },
  freeze: { type: 'string', multiple: true },
  'as-exported': { type: 'string', multiple: true },
  'kv-cache': { type: 'string' },
  liveness: { type: 'string' },
  'in-place': { type: 'string' },
  ...machineSpecification,
  ...offloadSpecification,
  calibration: { type: 'string' },
  ...allocatorSpecification,
  calibrate: { type: 'boolean' },
  plan: { type: 'string' },
  checkpoint: { type: 'string' },
  budget: { type: 'string' },
  memory: { type: 'string' },
  'max-overhead': { type: 'string' },
  largest: { type: 'string' },
  'budget-ratio': { type: 'string' },
  'runtime-ratio': { type: 'string' },
  strategy: { type: 'string' },
  planner: { type: 'string' },
  pin: { type: 'string', multiple: true },
  sizes: { type: 'string' },
  dimensions: { type: 'string' },
  merge: { type: 'string' },
  measured: { type: 'string', multiple: true },
  'time-limit': { type: 'string' },
  prove: { type: 'boolean' },
  objective: { type: 'string' },
  model: { type: 'string' },
  target: { type: 'string' },
  alignment: { type: 'string' },
  between: { type: 'string' },
  bandwidth: { type: 'string' },
  'one-way': { type: 'boolean' },
  servers: { type: 'string' },
  'devices-per-server': { type: 'string' },
  'global-batch': { type: 'string' },
  'micro-batch': { type: 'string' },
  'device-link': { type: 'string' },
  'server-link': { type: 'string' },
  zero: { type: 'string' },
  out: { type: 'string' },
} as const;

/** Names of all options, without the dashes. */
export const knownOptions: readonly string[] = Object.keys(specification);

export type Options = ReturnType<typeof readOptions>['options'];

/** Reads the command line. Throws 'bad-usage' for what the command does not know. */
export function readOptions(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: specification,
      allowPositionals: true,
    });
    return { options: values, positionals };
  } catch (error) {
    throw misread(error instanceof Error ? error.message : String(error));
  }
}

/** What `parseArgs` did not understand, and what may have been meant. */
function misread(message: string): HeadroomError {
  const [, name] = /^Unknown option '(-+[^']*)'/.exec(message) ?? [];
  if (name !== undefined) {
    const known = knownOptions.map((option) => `--${option}`);
    // All begin with dashes, which makes short ones look near: only the nearest is told.
    return badUsage(`There is no option ${name}.`, didYouMean(name, nearestNames(name, known).slice(0, 1)));
  }
  const [, valued] = /^Option '(?:-\w, )?(--[\w-]+).*' argument (?:missing|is ambiguous)/.exec(message) ?? [];
  if (valued !== undefined) return badUsage(`${valued} needs a value.`);
  // Of several lines only the first is about what was typed.
  return badUsage(message.split('\n')[0]);
}

function oneOf<T extends string>(
  name: string,
  text: string | undefined,
  allowed: readonly T[],
  fallback: T,
): T {
  if (text === undefined) return fallback;
  const found = allowed.find((candidate) => candidate === text);
  if (found === undefined)
    throw badUsage(`--${name} is "${text}": expected ${allowed.join(', ')}.`, didYouMean(text, allowed));
  return found;
}

export function countOf(name: string, text: string | undefined, atLeast: number, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text) || Number(text) < atLeast)
    throw badUsage(`--${name} is "${text}": expected a whole number of at least ${atLeast}.`);
  return Number(text);
}

export function dimsOf(options: Pick<Options, 'dim'>): Record<string, number> {
  const dims: Record<string, number> = {};
  for (const text of options.dim ?? []) {
    const match = /^(.+)=(\d+)$/.exec(text);
    if (!match || Number(match[2]) < 1)
      throw badUsage(`--dim is "${text}": expected NAME=N with N at least 1.`);
    dims[match[1]] = Number(match[2]);
  }
  return dims;
}

export function workloadOf(options: Options): Workload {
  const base = defaultWorkload;
  return {
    mode: oneOf('mode', options.mode, ['training', 'inference'], base.mode),
    dims: dimsOf(options),
    precision: oneOf('precision', options.precision, precisions, base.precision),
    optimizer: oneOf('optimizer', options.optimizer, optimizers, base.optimizer),
    loss: oneOf('loss', options.loss, losses, base.loss),
    semantics: oneOf('semantics', options.semantics, ['cuda', 'cpu'], base.semantics),
    attention: oneOf('attention', options.attention, ['auto', 'fused', 'math'], base.attention),
    dropout:
      oneOf('dropout', options.dropout, ['as-exported', '0'], 'as-exported') === '0' ? 'none' : 'as-exported',
    optimizerUpdate: oneOf(
      'optimizer-update',
      options['optimizer-update'],
      optimizerUpdates,
      base.optimizerUpdate,
    ),
    microBatches: countOf('micro-batches', options['micro-batches'], 1, base.microBatches),
    zeroGrad: oneOf('zero-grad', options['zero-grad'], zeroGrads, base.zeroGrad),
    stepKind: oneOf('step', options.step, stepKinds, base.stepKind),
    checkpointing: oneOf('checkpointing', options.checkpointing, checkpointings, base.checkpointing),
    modelOutput: oneOf('model-output', options['model-output'], modelOutputs, base.modelOutput),
    frozen: options.freeze ?? base.frozen,
    asExported: options['as-exported'] ?? base.asExported,
    kvCacheTokens: countOf('kv-cache', options['kv-cache'], 0, base.kvCacheTokens),
    liveness: oneOf('liveness', options.liveness, livenesses, base.liveness),
    inPlace: oneOf('in-place', options['in-place'], inPlaces, base.inPlace),
  };
}

export const devicesOf = (options: Options): readonly PlanDevice[] => machineOf(options).devices;

export function strategyOf(options: Options): Strategy {
  return oneOf('strategy', options.strategy, strategies, 'module-checkpoint');
}

/** `TARGET=keep|recompute|offload|DEVICE`; a target with a slash is an operator, others are modules. Two that say different things of a target are refused. */
export function pinsOf(options: Options, devices: readonly PlanDevice[]): Decision[] {
  const chosen = new Map<string, string>();
  return (options.pin ?? []).map((text) => {
    const at = text.lastIndexOf('=');
    const target = text.slice(0, at);
    const what = text.slice(at + 1);
    if (at < 1) throw badUsage(`--pin is "${text}": expected TARGET=keep|recompute|offload|DEVICE.`);
    const kind = target.includes('/') ? 'operator' : 'module';
    const choice = choices.find((candidate): candidate is Choice => candidate === what);
    const key = `${choice ? 'choice' : 'device'} ${target}`;
    const other = chosen.get(key) ?? what;
    if (other !== what) throw badUsage(`--pin ${target}=${other} and --pin ${text} contradict each other.`);
    chosen.set(key, what);
    if (choice) return { target, kind, choice, pinned: true };
    if (!eachDevice(devices).some((device) => device.id === what)) {
      const known = eachDevice(devices)
        .map((device) => device.id)
        .join(', ');
      throw new HeadroomError(
        'unknown-device',
        `--pin ${text}: there is no device "${what}".`,
        `Devices: ${known}.`,
      );
    }
    return { target, kind, device: what, pinned: true };
  });
}

export function positiveNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0)
    throw badUsage(`--${name} is "${text}": expected a positive number.`);
  return value;
}
