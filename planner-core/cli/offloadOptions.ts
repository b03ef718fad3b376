import { didYouMean } from '../base/didYouMean';
import { hostLinkJoulesPerGB } from '../devices/energy';
import { findLink, linkCatalogue } from '../devices/linkCatalogue';
import { findStorage, storageCatalogue } from '../devices/storageCatalogue';
import {
  minimisations,
  offloadPlaces,
  type Minimise,
  type OffloadLink,
  type OffloadTarget,
} from '../plan/offloadTarget';
import { badUsage } from './badUsage';
import { memorySize } from './memoryOption';

export const offloadSpecification = {
  offload: { type: 'string' },
  'host-memory': { type: 'string' },
  'carbon-intensity': { type: 'string' },
  chunks: { type: 'string' },
  'update-on': { type: 'string' },
  'host-device': { type: 'string' },
  packs: { type: 'string' },
} as const;

/** What the command line says of offloading and of what plans make least of. */
export interface OffloadOptions {
  readonly offload?: string;
  readonly link?: readonly string[];
  readonly 'host-memory'?: string;
  readonly 'carbon-intensity'?: string;
  readonly objective?: string;
}

/** The parts of a plan's inputs that are about offloading and energy. */
export interface OffloadInputs {
  readonly offload?: OffloadTarget;
  readonly minimise?: Minimise;
  readonly carbonGramsPerKWh?: number;
}

/** Without an equals sign a link is the one that values leave over: the others are between ends of the machine. */
export const isOffloadLink = (text: string): boolean => !text.includes('=');

/** Throws 'bad-usage' for a place, a link, a rate or a limit that there cannot be. */
export function offloadOf(options: OffloadOptions): OffloadInputs {
  const minimise = minimisations.find((candidate) => candidate === options.objective);
  const intensity = options['carbon-intensity'];
  if (minimise === 'carbon' && intensity === undefined)
    throw badUsage('--objective carbon needs --carbon-intensity, grams for a kilowatt-hour.');
  const carbonGramsPerKWh = intensity === undefined ? undefined : Number(intensity);
  if (carbonGramsPerKWh !== undefined && !(carbonGramsPerKWh >= 0 && Number.isFinite(carbonGramsPerKWh)))
    throw badUsage(`--carbon-intensity is "${intensity}": expected grams for a kilowatt-hour, 0 or more.`);
  const offload = targetOf(options);
  return {
    ...(offload ? { offload } : {}),
    ...(minimise ? { minimise } : {}),
    ...(carbonGramsPerKWh === undefined ? {} : { carbonGramsPerKWh }),
  };
}

function targetOf(options: OffloadOptions): OffloadTarget | undefined {
  const links = options.link?.filter(isOffloadLink) ?? [];
  const memory = options['host-memory'];
  if (options.offload === undefined || options.offload === 'none') {
    if (memory !== undefined) throw badUsage('--host-memory goes with --offload host or storage.');
    if (links.length > 0) throw badUsage(`--link is "${links[0]}": without A-B= it goes with --offload.`);
    return undefined;
  }
  const to = offloadPlaces.find((place) => place === options.offload);
  if (!to) throw badUsage(`--offload is "${options.offload}": expected none, ${offloadPlaces.join(' or ')}.`);
  if (links.length > 1) throw badUsage('--link is given twice for --offload.');
  const memoryBytes =
    memory === undefined ? undefined : memorySize('--host-memory', memory, 'a size above 0, e.g. 64GiB');
  return {
    to,
    ...(links.length > 0 ? { link: linkOf(links[0]) } : {}),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
}

/** A name of the link or the storage catalogue, or `OUT[/IN][,LATENCY_US]` in GB/s. */
function linkOf(text: string): OffloadLink {
  const storage = findStorage(text);
  if (storage) return storage;
  const spec = findLink(text);
  if (spec) {
    const { name, gbPerS, latencyMs, shared } = spec;
    const joulesPerGB = hostLinkJoulesPerGB;
    return { name, outGBPerS: gbPerS, inGBPerS: gbPerS, latencyMs, shared, joulesPerGB };
  }
  const numbers = /^(-?[\d.]+)(?:\/(-?[\d.]+))?(?:,(-?[\d.]+))?$/.exec(text);
  if (!numbers) {
    const known = [...linkCatalogue, ...storageCatalogue].map(({ name }) => name);
    throw badUsage(
      `--link is "${text}": expected GB/s, e.g. 24 or 24/22,10 with microseconds, or one of ${known.join(', ')}.`,
      didYouMean(text, known),
    );
  }
  const [outGBPerS, inGBPerS] = [Number(numbers[1]), Number(numbers[2] ?? numbers[1])];
  const latencyUs = Number(numbers[3] ?? 0);
  if (!(outGBPerS > 0 && inGBPerS > 0)) throw badUsage(`--link is "${text}": bandwidths are above 0.`);
  if (!(latencyUs >= 0)) throw badUsage(`--link is "${text}": a latency is 0 or more.`);
  return { name: 'custom', outGBPerS, inGBPerS, latencyMs: latencyUs / 1000, shared: false };
}
