import { HeadroomError } from '../base/errors';
import type { DeviceSpec } from './catalogue';
import { isProcessor } from './isProcessor';
import { hostEnd, type NamedLink } from './machine';

/**
 * How a value gets from one device to another. Row-major over (devices + host memory): entry
 * [from * (devices + 1) + to]; the last row and column are host memory.
 */
export interface LinkTable {
  /** 0 on the diagonal. */
  readonly bytesPerMs: Float64Array;
  readonly latencyMs: Float64Array;
  /** What carries it: a channel carries one transfer at a time. -1 on the diagonal. */
  readonly channel: Int32Array;
  /** Names of the channels. */
  readonly channels: readonly string[];
}

/** One device of a machine with what the catalogue says of it. */
export interface LinkedDevice {
  readonly id: string;
  readonly spec: DeviceSpec;
}

/** One direction of a link; `via`: its channel. */
interface Hop {
  readonly gbPerS: number;
  readonly latencyMs: number;
  readonly via: string;
}

/** A transfer by this size decides which of several ways is the best, bytes. */
const typicalBytes = 1e6;

/** From asking for a copy between two devices to its first byte, where no link says so. */
const copyLatencyMs = 0.01;

/**
 * The ways between devices. Without `links`: like devices talk over the peer link of the catalogue, unlike ones
 * through host memory. With `links`: over these, through other devices where need be; a device that no link names
 * hangs on the host by the link the catalogue gives it. A way is as fast as its slowest link, and occupies that one.
 * Throws 'bad-machine' for a link that names what is not there or carries nothing, and for devices without a way.
 */
export function linkTable(devices: readonly LinkedDevice[], links?: readonly NamedLink[]): LinkTable {
  const count = devices.length;
  const hops = links ? givenHops(devices, links) : catalogueHops(devices);
  const ways = links ? shortestWays(hops, count + 1) : hops;
  const table = {
    bytesPerMs: new Float64Array((count + 1) ** 2),
    latencyMs: new Float64Array((count + 1) ** 2),
    channel: new Int32Array((count + 1) ** 2).fill(-1),
  };
  const channels = new Map<string, number>();
  for (let from = 0; from <= count; from++) {
    for (let to = 0; to <= count; to++) {
      if (from === to) continue;
      const touchesHost = from === count || to === count;
      // Offloading stays within the machine a device is in: over its own link.
      const way = touchesHost ? (hops[from][to] ?? hostHop(devices, from, to)) : ways[from][to];
      if (!way) throw noWay(devices[from].id, devices[to].id);
      const at = from * (count + 1) + to;
      table.bytesPerMs[at] = way.gbPerS * 1e6;
      table.latencyMs[at] = way.latencyMs;
      if (!channels.has(way.via)) channels.set(way.via, channels.size);
      table.channel[at] = channels.get(way.via)!;
    }
  }
  return { ...table, channels: [...channels.keys()] };
}

type Hops = (Hop | undefined)[][];

const noHops = (size: number): Hops => Array.from({ length: size }, () => new Array<undefined>(size));

const arrow = (from: string, to: string): string => `${from} → ${to}`;

/** The link of a device to its host as the catalogue has it; asking for it costs nothing extra. */
function hostHop(devices: readonly LinkedDevice[], from: number, to: number): Hop {
  const { id, spec } = devices[Math.min(from, to)];
  const isOut = to === devices.length;
  return {
    gbPerS: spec.hostLinkGBPerS,
    latencyMs: 0,
    via: isOut ? arrow(id, hostEnd) : arrow(hostEnd, id),
  };
}

function catalogueHops(devices: readonly LinkedDevice[]): Hops {
  const host = devices.length;
  const hops = noHops(host + 1);
  devices.forEach((a, from) => {
    hops[from][host] = hostHop(devices, from, host);
    hops[host][from] = hostHop(devices, host, from);
    devices.forEach((b, to) => {
      if (from === to) return;
      const isPeer = a.spec.name === b.spec.name;
      const slower =
        a.spec.hostLinkGBPerS <= b.spec.hostLinkGBPerS
          ? hostHop(devices, from, host)
          : hostHop(devices, host, to);
      hops[from][to] = isPeer
        ? { gbPerS: a.spec.peerLinkGBPerS, latencyMs: copyLatencyMs, via: arrow(a.id, b.id) }
        : { ...slower, latencyMs: copyLatencyMs };
    });
  });
  return hops;
}

function givenHops(devices: readonly LinkedDevice[], links: readonly NamedLink[]): Hops {
  const host = devices.length;
  const hops = noHops(host + 1);
  const index = new Map([...devices.map(({ id }, i): [string, number] => [id, i]), [hostEnd, host]]);
  const linked = new Set<number>();
  const add = (from: number, to: number, hop: Hop): void => {
    linked.add(from).add(to);
    const known = hops[from][to];
    if (!known || hopMs(hop) < hopMs(known)) hops[from][to] = hop;
  };
  for (const { pairs, title, gbPerS, latencyMs, shared } of links) {
    if (!(gbPerS > 0 && Number.isFinite(gbPerS)) || !(latencyMs >= 0 && Number.isFinite(latencyMs)))
      throw badLink(`The link ${title} has ${gbPerS} GB/s and ${latencyMs} ms latency.`);
    for (const [a, b] of pairs) {
      const [from, to] = [a, b].map((end) => {
        const found = index.get(end);
        if (found === undefined) throw badLink(`The link ${title} names "${end}", which is no device.`);
        return found;
      });
      if (from === to) throw badLink(`The link ${title} leads from ${a} to itself.`);
      add(from, to, { gbPerS, latencyMs, via: shared ? title : arrow(a, b) });
      add(to, from, { gbPerS, latencyMs, via: shared ? title : arrow(b, a) });
    }
  }
  const hangOnHost = (device: number): void => {
    add(device, host, { ...hostHop(devices, device, host), latencyMs: copyLatencyMs });
    add(host, device, { ...hostHop(devices, host, device), latencyMs: copyLatencyMs });
  };
  const unlinked = devices.flatMap((_, i) => (linked.has(i) ? [] : [i]));
  // The host is where the first processor is, unless links say what hangs on it.
  const processor = devices.findIndex(({ spec }) => isProcessor(spec.name));
  if (unlinked.length > 0 && processor >= 0 && !linked.has(host)) hangOnHost(processor);
  unlinked.forEach(hangOnHost);
  return hops;
}

const hopMs = ({ gbPerS, latencyMs }: Hop): number => latencyMs + typicalBytes / (gbPerS * 1e6);

/** Floyd and Warshall over the time of a typical transfer, hop by hop. */
function shortestWays(hops: Hops, size: number): Hops {
  const ways = hops.map((row) => [...row]);
  const ms = hops.map((row) => Array.from(row, (hop) => (hop ? hopMs(hop) : Infinity)));
  for (let over = 0; over < size; over++) {
    for (let from = 0; from < size; from++) {
      for (let to = 0; to < size; to++) {
        const through = ms[from][over] + ms[over][to];
        if (from === to || through >= ms[from][to]) continue;
        const [first, second] = [ways[from][over]!, ways[over][to]!];
        const slower = first.gbPerS <= second.gbPerS ? first : second;
        ms[from][to] = through;
        ways[from][to] = { ...slower, latencyMs: first.latencyMs + second.latencyMs };
      }
    }
  }
  return ways;
}

const badLink = (message: string): HeadroomError =>
  new HeadroomError('bad-machine', message, 'Correct the links of the machine.');

const noWay = (from: string, to: string): HeadroomError =>
  new HeadroomError(
    'bad-machine',
    `No link leads from ${from} to ${to}.`,
    'Add a link between them, or to the host.',
  );
