import type { LinkSpec } from '../../planner-core/devices/linkCatalogue';
import { hostEnd, idsOf, type MachineDevice, type MachineLink } from '../../planner-core/devices/machine';

/** What a person changes of a machine. `links: undefined`: what the device catalogue says. */
export interface ChosenMachine {
  readonly devices: readonly MachineDevice[];
  readonly links: readonly MachineLink[] | undefined;
}

/** Two ends that can be linked; both are the same id where a device stands for several. */
export type LinkEnds = readonly [string, string];

/** Every pair of a machine that can have a link of its own: among devices alike, between devices, to host memory. */
export function linkEnds(devices: readonly MachineDevice[]): LinkEnds[] {
  const alike = devices.flatMap(({ id, count = 1 }): LinkEnds[] => (count > 1 ? [[id, id]] : []));
  const between = devices.flatMap(({ id }, i): LinkEnds[] =>
    devices.slice(i + 1).map((other): LinkEnds => [id, other.id]),
  );
  return [...alike, ...between, ...devices.map(({ id }): LinkEnds => [id, hostEnd])];
}

const isBetween =
  ([a, b]: LinkEnds) =>
  ({ between: [c, d] }: MachineLink): boolean =>
    (a === c && b === d) || (a === d && b === c);

/** The link of a pair; undefined where the device catalogue decides. */
export function linkOf(links: readonly MachineLink[] | undefined, ends: LinkEnds): MachineLink | undefined {
  return links?.find(isBetween(ends));
}

/** The links with another one for a pair, or with none. Without any, the device catalogue decides alone. */
export function withLink(
  links: readonly MachineLink[] | undefined,
  ends: LinkEnds,
  link: Omit<MachineLink, 'between'> | undefined,
): MachineLink[] | undefined {
  const at = links?.findIndex(isBetween(ends)) ?? -1;
  const changed = [...(links ?? [])];
  if (at >= 0) changed.splice(at, 1);
  if (link) changed.splice(at >= 0 ? at : changed.length, 0, { ...link, between: ends });
  return changed.length > 0 ? changed : undefined;
}

/** A link as the catalogue has it. */
export function ofCatalogue({ name, gbPerS, latencyMs, shared }: LinkSpec): Omit<MachineLink, 'between'> {
  return { name, gbPerS, latencyMs, shared };
}

/** How many of a device there are. One is called by its own id, as a device without a count. */
export function withCount(device: MachineDevice, count: number): MachineDevice {
  const { id, name, memoryBytes } = device;
  return count > 1 ? { id, name, memoryBytes, count } : { id, name, memoryBytes };
}

/** One more device like the last. */
export const withOneMore = (devices: readonly MachineDevice[]): MachineDevice[] =>
  withNamed(devices, devices[devices.length - 1]);

/** One more device of a kind, under the first id of gpu0, gpu1 … that is not taken. */
export function withNamed(
  devices: readonly MachineDevice[],
  { name, memoryBytes }: Pick<MachineDevice, 'name' | 'memoryBytes'>,
): MachineDevice[] {
  let number = devices.length;
  while (devices.some(({ id }) => id === `gpu${number}`)) number++;
  return [...devices, { id: `gpu${number}`, name, memoryBytes }];
}

/** The machine with other devices; links whose ends are gone go too. */
export function withDevices({ links }: ChosenMachine, devices: readonly MachineDevice[]): ChosenMachine {
  const ends = new Set([hostEnd, ...devices.flatMap((device) => [device.id, ...idsOf(device)])]);
  const left = links?.filter(({ between }) => between.every((end) => ends.has(end)));
  return { devices, links: left && left.length > 0 ? left : undefined };
}

/** `2 × RTX 3090, EPYC 9654 (CPU)` */
export const machineText = (devices: readonly MachineDevice[]): string =>
  devices.map(({ name, count = 1 }) => (count > 1 ? `${count} × ${name}` : name)).join(', ');
