import { didYouMean } from '../base/didYouMean';
import { HeadroomError } from '../base/errors';
import { jsonChecks } from '../base/jsonChecks';
import { defaultDeviceName, deviceNamed } from '../devices/catalogue';
import { findLink, linkBetween, linkCatalogue } from '../devices/linkCatalogue';
import { hostEnd, idsOf } from '../devices/machine';
import { findMachine, machinePresets } from '../devices/machinePresets';
import { machineChecks } from '../plan/machineChecks';
import { objectives, type Objective, type PlanDevice, type PlanLink } from '../plan/plan';
import { minimisations } from '../plan/offloadTarget';
import { badUsage } from './badUsage';
import { memorySize } from './memoryOption';
import { readTextFile } from './namedFile';
import { isOffloadLink } from './offloadOptions';

export const machineSpecification = {
  device: { type: 'string', multiple: true },
  machine: { type: 'string' },
  link: { type: 'string', multiple: true },
} as const;

/** What the command line says of the machine. */
export interface MachineOptions {
  readonly device?: readonly string[];
  readonly machine?: string;
  readonly link?: readonly string[];
  readonly objective?: string;
}

/** The parts of a plan's inputs that are about the machine. */
export interface MachineInputs {
  readonly devices: readonly PlanDevice[];
  readonly links?: readonly PlanLink[];
  readonly objective?: Objective;
}

/** Devices, links and the objective of `--device`, `--machine`, `--link` and `--objective`. */
export function machineOf(options: MachineOptions): MachineInputs {
  if (options.machine !== undefined && options.device)
    throw badUsage('--machine says which devices there are: leave --device out.');
  const machine: MachineInputs =
    options.machine === undefined ? { devices: devicesOf(options.device) } : machineNamed(options.machine);
  const between = options.link?.filter((text) => !isOffloadLink(text)) ?? [];
  const given = between.map((text) => linkOf(text, machine.devices));
  const links = given.length > 0 ? [...given, ...(machine.links ?? [])] : machine.links;
  const objective = objectiveOf(options.objective);
  return { devices: machine.devices, ...(links ? { links } : {}), ...(objective ? { objective } : {}) };
}

/** `NAME` or `NAME:MEMORY`, e.g. `RTX 4090:20GiB`; ids are gpu0, gpu1 … */
function devicesOf(device: readonly string[] = [defaultDeviceName]): PlanDevice[] {
  return device.map((text, index) => {
    const [, name, memory] = /^(.*?)(?::([^:]*))?$/.exec(text)!;
    const spec = deviceNamed(name);
    const expected = 'NAME or NAME:MEMORY, e.g. "RTX 4090:20GiB"';
    const memoryBytes =
      memory === undefined ? spec.memoryBytes : memorySize(`memory of --device ${name}`, memory, expected);
    return { id: `gpu${index}`, name: spec.name, memoryBytes };
  });
}

function objectiveOf(text: string | undefined): Objective | undefined {
  if (text === undefined) return undefined;
  const found = objectives.find((candidate) => candidate === text);
  if (minimisations.some((aim) => aim === text)) return undefined;
  if (!found)
    throw badUsage(`--objective is "${text}": expected ${[...objectives, ...minimisations].join(', ')}.`);
  return found;
}

/** `A-B=LINK` of the link catalogue, or `A-B=GBPERS[,LATENCY_US]`. */
function linkOf(text: string, devices: readonly PlanDevice[]): PlanLink {
  const at = text.indexOf('=');
  const between = endsOf(text.slice(0, Math.max(0, at)), devices);
  const what = text.slice(at + 1);
  if (at < 1 || !between)
    throw badUsage(
      `--link is "${text}": expected A-B=LINK with A and B of ${[...endNames(devices)].join(', ')}.`,
    );
  if (findLink(what)) return linkBetween(between, what);
  const numbers = /^(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?$/.exec(what);
  if (!numbers) {
    const known = linkCatalogue.map(({ name }) => name);
    throw badUsage(
      `--link is "${text}": expected GB/s and microseconds, e.g. 24,10, or one of ${known.join(', ')}.`,
      didYouMean(what, known),
    );
  }
  const [gbPerS, latencyUs] = [Number(numbers[1]), Number(numbers[2] ?? 0)];
  if (gbPerS <= 0) throw badUsage(`--link is "${text}": a link without bandwidth carries nothing.`);
  return { between, name: 'custom', gbPerS, latencyMs: latencyUs / 1000, shared: false };
}

const endNames = (devices: readonly PlanDevice[]): Set<string> =>
  new Set([...devices.flatMap((device) => [device.id, ...idsOf(device)]), hostEnd]);

/** Ids may have hyphens themselves: the hyphen with an end on either side counts. */
function endsOf(text: string, devices: readonly PlanDevice[]): [string, string] | undefined {
  const ends = endNames(devices);
  for (let at = text.indexOf('-'); at >= 0; at = text.indexOf('-', at + 1)) {
    const pair: [string, string] = [text.slice(0, at), text.slice(at + 1)];
    if (pair.every((end) => ends.has(end))) return pair;
  }
  return undefined;
}

/** A preset, or a file with `devices` and `links` as a plan has them. */
function machineNamed(text: string): MachineInputs {
  const preset = findMachine(text);
  if (preset) return { devices: preset.devices, links: preset.links };
  if (!text.endsWith('.json')) {
    const known = machinePresets.map(({ name }) => name);
    throw badUsage(
      `--machine is "${text}": expected a file (.json) or one of ${known.join(', ')}.`,
      didYouMean(text, known),
    );
  }
  const content = readTextFile(text);
  const bad = (path: string, what: string): HeadroomError =>
    new HeadroomError('bad-machine', `${text}: ${path === '' ? 'the machine' : path} ${what}.`, undefined, {
      file: text,
    });
  return machineChecks(bad).machine(jsonChecks(bad).parsed(content), '');
}
