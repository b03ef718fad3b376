import { appendTo, groupedBy } from '../../base/groups';
import { Op, ScheduleBuilder, hostMemory, type Schedule } from '../../simulator/schedule';
import type { StepGraph, ValueId } from '../../step/stepGraph';
import { valuesOf, type ChunkSequence } from './chunkSequence';
import { staysOf, type Stay } from './keptGaps';

/** The device and the host it shares chunks with, as devices of the step. */
const device = 0;
const host = 1;

/** A stay of a chunk, with what happens at its end. */
interface PagedStay extends Stay {
  /** It has changed, or the host has no copy: it is sent. Else its memory is given back at once. */
  readonly isSent: boolean;
  /** Position of the chunk's next stay; Infinity where there is none. */
  readonly nextFrom: number;
}

/**
 * When chunks come and go so that memory on the device stays within the budget in the order of the schedule, whatever
 * transfers take: computations wait for memory where they must; chunks come back as late as they can without being waited
 * for, and later where there is no room. Undefined where there is none at all. The step has two devices: the second is the host.
 */
export function pageChunks(sequence: ChunkSequence, budgetBytes: number): Schedule | undefined {
  const { chunked, nodes, otherBytes } = sequence;
  const { chunkBytes } = chunked.packing;
  const free = otherBytes.map((bytes) => budgetBytes - bytes);
  if (free.some((bytes) => bytes < 0)) return undefined;
  const stays = staysOf(sequence.uses, free, chunkBytes);
  if (!stays) return undefined;
  const paged = withEnds(sequence, stays);
  const memory = otherBytes.slice();
  for (const { from, to } of paged)
    for (let position = Math.max(0, from); position <= to && position < nodes.length; position++)
      memory[position] += chunkBytes;
  const links = transferMs(chunked.step, chunkBytes);
  const waits = leave(sequence, paged, memory, budgetBytes, links.outMs);
  const fetches = comeBack(sequence, paged, waits, memory, budgetBytes, links.inMs);
  return write(sequence, paged, waits, fetches);
}

function transferMs(step: StepGraph, bytes: number): { outMs: number; inMs: number } {
  const places = step.devices.length + 1;
  const time = (link: number): number =>
    step.linkLatencyMs[link] + bytes / (step.linkBytesPerMs[link] || Infinity);
  return { outMs: time(device * places + host), inMs: time(host * places + device) };
}

/** What has changed since the host had it has to be sent, unless nobody reads it any more. */
function withEnds(
  { chunked: { step }, nodes, hostNodes }: ChunkSequence,
  stays: readonly Stay[],
): PagedStay[] {
  const readOnHost = new Set(hostNodes.flatMap((node) => valuesOf(step, node)));
  const isKnownToHost = new Set<ValueId>(
    stays.filter((stay, i) => stay.comesBack && stays[i - 1]?.value !== stay.value).map(({ value }) => value),
  );
  const changes = new Map<ValueId, number[]>();
  nodes.forEach((node, position) => {
    for (const rows of [step.outputs, step.updates])
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++)
        appendTo(changes, rows.items[i], position);
  });
  return stays.map((stay, i): PagedStay => {
    const { value, from, to } = stay;
    if (changes.get(value)?.some((position) => position >= from && position <= to))
      isKnownToHost.delete(value);
    const next = stays[i + 1]?.value === value ? stays[i + 1] : undefined;
    const isRead = next !== undefined || step.residentAtEnd[value] === 1 || readOnHost.has(value);
    const isSent = isRead && to < nodes.length && !isKnownToHost.has(value);
    if (isSent) isKnownToHost.add(value);
    return { ...stay, isSent, nextFrom: next?.from ?? Infinity };
  });
}

/**
 * By stay that is sent: the position that waits until it has left; Infinity where none has to. Leaves `memory` with what is
 * on its way.
 */
function leave(
  { nodes, startMs, chunked }: ChunkSequence,
  stays: readonly PagedStay[],
  memory: Float64Array,
  budgetBytes: number,
  outMs: number,
): Map<PagedStay, number> {
  const { chunkBytes } = chunked.packing;
  const queue = stays.filter(({ isSent }) => isSent).sort((a, b) => a.to - b.to || a.value - b.value);
  const waits = new Map<PagedStay, number>(queue.map((stay) => [stay, Infinity]));
  const leaving: { stay: PagedStay; endMs: number }[] = [];
  let delayMs = 0;
  let channelMs = 0;
  let at = 0;
  for (let position = 0; position < nodes.length; position++) {
    while (at < queue.length && queue[at].to < position) {
      const stay = queue[at++];
      channelMs = Math.max(channelMs, startMs[stay.to + 1] + delayMs) + outMs;
      leaving.push({ stay, endMs: channelMs });
    }
    const isOver = (): boolean => memory[position] + leaving.length * chunkBytes > budgetBytes;
    const returns = (): boolean => leaving.some(({ stay }) => stay.nextFrom <= position);
    while (leaving.length > 0) {
      const { stay, endMs } = leaving[0];
      const nowMs = startMs[position] + delayMs;
      if (endMs > nowMs && !isOver() && !returns()) break;
      delayMs += Math.max(0, endMs - nowMs);
      waits.set(stay, position);
      leaving.shift();
    }
    memory[position] += leaving.length * chunkBytes;
  }
  return waits;
}

/** By stay that comes back: the position after whose computation it is asked for; -1: at the start. */
function comeBack(
  { startMs, chunked }: ChunkSequence,
  stays: readonly PagedStay[],
  waits: ReadonlyMap<PagedStay, number>,
  memory: Float64Array,
  budgetBytes: number,
  inMs: number,
): Map<PagedStay, number> {
  const { chunkBytes } = chunked.packing;
  const fetches = new Map<PagedStay, number>();
  /** The first position at which a chunk may take room again. */
  const earliest = new Map<PagedStay, number>();
  stays.forEach((stay, i) => {
    const before = stays[i - 1]?.value === stay.value ? stays[i - 1] : undefined;
    earliest.set(stay, before ? (waits.get(before) ?? before.to + 1) : 0);
  });
  const returns = stays
    .filter(({ comesBack }) => comesBack)
    .sort((a, b) => b.firstUse - a.firstUse || b.value - a.value);
  let nextMs = Infinity;
  for (const stay of returns) {
    const useMs = startMs[stay.firstUse];
    const beginMs = Math.min(useMs, nextMs) - inMs;
    nextMs = Math.max(beginMs, 0);
    let { from } = stay;
    while (
      from > earliest.get(stay)! &&
      startMs[from] > beginMs &&
      memory[from - 1] + chunkBytes <= budgetBytes
    ) {
      from--;
      memory[from] += chunkBytes;
    }
    fetches.set(stay, from === 0 ? -1 : from);
  }
  return fetches;
}

function write(
  { chunked: { step, backwardEnd }, nodes, freed, hostNodes }: ChunkSequence,
  stays: readonly PagedStay[],
  waits: ReadonlyMap<PagedStay, number>,
  fetches: ReadonlyMap<PagedStay, number>,
): Schedule {
  const out = new ScheduleBuilder();
  const waitAt = groupedBy(waits.keys(), (stay) => waits.get(stay)!);
  const fetchAt = groupedBy(
    [...fetches.keys()].sort((a, b) => a.firstUse - b.firstUse || a.value - b.value),
    (stay) => fetches.get(stay)!,
  );
  const endAt = groupedBy(stays, ({ to }) => to);
  const fetchAfter = (position: number): void => {
    for (const { value } of fetchAt.get(position) ?? []) out.push(Op.copy, value, host, device);
  };
  const lastRead = nodes.findLastIndex((node) => valuesOf(step, node).includes(backwardEnd));
  const madeAt = nodes.findIndex((node) => node === step.producer[backwardEnd]);
  fetchAfter(-1);
  nodes.forEach((node, position) => {
    for (const { value } of waitAt.get(position) ?? []) out.push(Op.free, value, device, hostMemory);
    out.push(Op.compute, node, device, device);
    if (position === madeAt && hostNodes.length > 0) out.push(Op.copy, backwardEnd, device, host);
    if (position === lastRead) out.push(Op.free, backwardEnd, device, device);
    for (const value of freed[position]) out.push(Op.free, value, device, device);
    for (const { value, isSent } of endAt.get(position) ?? []) {
      if (isSent) out.push(Op.copy, value, device, host);
      else out.push(Op.free, value, device, device);
    }
    fetchAfter(position);
  });
  for (const { value } of waitAt.get(Infinity) ?? []) out.push(Op.free, value, device, device);
  const lastOnHost = new Map<ValueId, number>();
  hostNodes.forEach((node, i) => valuesOf(step, node).forEach((value) => lastOnHost.set(value, i)));
  hostNodes.forEach((node, i) => {
    out.push(Op.compute, node, host, host);
    for (const value of new Set(valuesOf(step, node)))
      if (!step.residentAtEnd[value] && lastOnHost.get(value) === i) out.push(Op.free, value, host, host);
  });
  return { ...out.build(), transfersWait: true };
}
