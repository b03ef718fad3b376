/** A device of a machine: what plans name and decisions refer to. */
export interface MachineDevice {
  readonly id: string;
  /** Name in the device catalogue. */
  readonly name: string;
  readonly memoryBytes: number;
  /** How many of these there are: alike, with ids `id.0`, `id.1` … Absent: one, called `id`. */
  readonly count?: number;
}

/** A link between two devices. Where a device stands for several, for each pair of them. */
export interface MachineLink {
  /** Device ids, or 'host': host memory. */
  readonly between: readonly [string, string];
  /** Name in the link catalogue, or 'custom'. */
  readonly name: string;
  /** One direction, decimal. */
  readonly gbPerS: number;
  readonly latencyMs: number;
  /** One transfer at a time over all that this entry links, both directions together; else one a pair and direction. */
  readonly shared: boolean;
}

/** Devices and what links them. */
export interface Machine {
  readonly devices: readonly MachineDevice[];
  readonly links: readonly MachineLink[];
}

/** The end of a link that is no device. */
export const hostEnd = 'host';

/** A link with its ends as single devices. */
export interface NamedLink extends Omit<MachineLink, 'between'> {
  /** Each once. */
  readonly pairs: readonly (readonly [string, string])[];
  /** What people read, e.g. "gpu – cpu". */
  readonly title: string;
}

/** Links with the devices that stand for several taken apart. */
export function namedLinks(links: readonly MachineLink[], devices: readonly MachineDevice[]): NamedLink[] {
  const idsAt = (end: string): string[] => {
    const device = devices.find(({ id }) => id === end);
    return device ? idsOf(device) : [end];
  };
  return links.map(({ between: [one, other], ...link }) => {
    const [a, b] = [idsAt(one), idsAt(other)];
    const isWithin = one === other && a[0] !== one;
    const pairs = a.flatMap((from, i) =>
      (isWithin ? a.slice(i + 1) : b).map((to): readonly [string, string] => [from, to]),
    );
    return { ...link, pairs, title: `${one} – ${other}` };
  });
}

/** Every device by itself: one that stands for several becomes `id.0`, `id.1` … */
export function eachDevice<D extends MachineDevice>(devices: readonly D[]): D[] {
  return devices.flatMap((device) =>
    idsOf(device).map((id) => (id === device.id ? device : { ...device, id, count: undefined })),
  );
}

/** The ids a device, or several alike, go by. */
export function idsOf({ id, count }: Pick<MachineDevice, 'id' | 'count'>): string[] {
  if (count === undefined) return [id];
  return Array.from({ length: count }, (_, i) => `${id}.${i}`);
}
