import { appendTo } from '../base/groups';
import { Phase, type StepGraph } from '../step/stepGraph';
import { reentrantHolds } from './reentrantHolds';
import { deviceOfNodes, devicesOfSequence, homeOfValues, sequenceOf, type Sequence } from './sequence';
import { Op, ScheduleBuilder, hostMemory, type Directives, type Schedule } from './schedule';

/**
 * Turns directives into what is executed: computations in order, each value freed after its last use, copied to where
 * it is needed, offloaded and fetched. A use reads the latest earlier computation of a value; so an activation whose
 * producer runs again before its backward use is freed after its last forward use, as torch.utils.checkpoint does.
 * A change in place makes copies of a value elsewhere stale: they are not read afterwards. Results other devices read
 * are sent there as soon as they are made, in the order they are made, unless `lateTransfers`.
 */
export function compileSchedule(step: StepGraph, directives: Directives): Schedule {
  const sequence = sequenceOf(step, directives);
  const deviceOfNode = deviceOfNodes(step, directives);
  const home = homeOfValues(step, deviceOfNode);
  const devices = devicesOfSequence(sequence, deviceOfNode, directives);
  // What is offloaded must not be sent ahead: it may be fetched later than its copy would have lived.
  const isEager = step.devices.length > 1 && !directives.lateTransfers && directives.offloads.length === 0;
  const uses = lastUses(step, sequence, devices, home, isEager);
  const offloads = offloadPoints(step, sequence.nodes, directives);
  const atBase = pagingAtBase(directives);
  const out = new ScheduleBuilder();
  const residency = new Residency(step, home, out, directives);
  const deviceCount = step.devices.length;

  const { nodes } = sequence;
  for (let position = 0, base = 0; position < nodes.length; position++) {
    const node = nodes[position];
    const device = devices[position];
    const isFirstOfBase = position === 0 || !sequence.again[position - 1];
    if (isFirstOfBase) {
      for (const value of atBase.waits.get(base) ?? []) residency.awaitLeaving(value);
      for (const value of atBase.fetches.get(base) ?? []) residency.fetch(value, device);
      base++;
    }
    for (const rows of [step.inputs, step.updates]) {
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++)
        residency.require(rows.items[i], device);
    }
    // What is made again while the old one still leaves: one after the other.
    for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
      residency.awaitLeaving(step.outputs.items[i]);
    }
    out.push(Op.compute, node, device, device);
    for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
      residency.produced(step.outputs.items[i], device);
    }
    for (let i = step.updates.offsets[node]; i < step.updates.offsets[node + 1]; i++) {
      residency.updated(step.updates.items[i], device);
    }
    const early = uses.early.get(position) ?? [];
    for (const pair of early) residency.require(Math.floor(pair / deviceCount), pair % deviceCount);
    for (let i = uses.rows[position]; i < uses.rows[position + 1]; i++) {
      const pair = uses.ends[i];
      // What was sent ahead just now replaces the copy that ends here.
      if (!early.includes(pair)) residency.release(Math.floor(pair / deviceCount), pair % deviceCount);
    }
    for (const value of offloads.get(position) ?? []) residency.offload(value);
  }
  const schedule = out.build();
  return directives.lateTransfers ? { ...schedule, transfersWait: true } : schedule;
}

/**
 * For every position (`devices`: where it runs), the (value, device) pairs whose copy there is used for the last time.
 * `early`: for positions that make or change a value, where it is read before it is made or changed again.
 */
function lastUses(
  step: StepGraph,
  sequence: Sequence,
  devices: Uint8Array,
  home: Uint8Array,
  isEager: boolean,
): { rows: Int32Array; ends: Int32Array; early: Map<number, number[]> } {
  const deviceCount = step.devices.length;
  const { nodes, again } = sequence;
  const { inputs, outputs, updates, residentAtStart, residentAtEnd } = step;
  const rows = new Int32Array(nodes.length + 1);
  const pairs: number[] = [];
  const positions: number[] = [];
  const early = new Map<number, number[]>();
  // Walking backwards, between two computations of a value: where each device reads it first and last.
  const firstUse = new Int32Array(step.valueCount * deviceCount).fill(-1);
  const lastUse = new Int32Array(step.valueCount * deviceCount).fill(-1);
  const toTheEnd = nodes.length;
  const end = (pair: number, position: number): void => {
    if (position === toTheEnd) return;
    pairs.push(pair);
    positions.push(position);
    rows[position + 1]++;
  };
  /** Ends the copies of what is made or changed at a position; until when the original must stay for them. */
  const closeCopies = (value: number, birthDevice: number, birthPosition: number): number => {
    const row = value * deviceCount;
    let sourceNeeded = birthPosition;
    for (let device = 0; device < deviceCount; device++) {
      const pair = row + device;
      if (device === birthDevice || lastUse[pair] < 0) continue;
      if (isEager && birthPosition >= 0 && firstUse[pair] >= 0) {
        appendTo(early, birthPosition, pair);
      } else sourceNeeded = Math.max(sourceNeeded, firstUse[pair]);
      end(pair, lastUse[pair]);
      firstUse[pair] = -1;
      lastUse[pair] = -1;
    }
    return sourceNeeded;
  };
  /** What stays after the step stays where it was changed last. */
  const survives = new Uint8Array(step.valueCount);
  const closeInstance = (value: number, birthDevice: number, birthPosition: number): void => {
    const pair = value * deviceCount + birthDevice;
    const last = Math.max(lastUse[pair], closeCopies(value, birthDevice, birthPosition));
    firstUse[pair] = -1;
    lastUse[pair] = -1;
    if (last >= 0 && (!residentAtEnd[value] || survives[value])) end(pair, last);
  };
  const closeVersion = (value: number, device: number, position: number): void => {
    const pair = value * deviceCount + device;
    lastUse[pair] = Math.max(lastUse[pair], closeCopies(value, device, position));
    if (!residentAtEnd[value] || survives[value]) return;
    survives[value] = 1;
    lastUse[pair] = toTheEnd;
  };
  const holds = reentrantHolds(step, sequence);
  for (let position = nodes.length - 1; position >= 0; position--) {
    const node = nodes[position];
    const device = devices[position];
    for (const value of holds.get(position) ?? []) {
      const pair = value * deviceCount + device;
      if (lastUse[pair] < 0) lastUse[pair] = position;
    }
    for (let i = outputs.offsets[node]; i < outputs.offsets[node + 1]; i++) {
      const value = outputs.items[i];
      // What must outlive the step stays from its first computation on.
      if (!residentAtEnd[value] || (step.producer[value] === node && !again[position]))
        closeInstance(value, device, position);
    }
    for (let i = updates.offsets[node]; deviceCount > 1 && i < updates.offsets[node + 1]; i++)
      closeVersion(updates.items[i], device, position);
    for (const read of [updates, inputs]) {
      for (let i = read.offsets[node]; i < read.offsets[node + 1]; i++) {
        const pair = read.items[i] * deviceCount + device;
        firstUse[pair] = position;
        if (lastUse[pair] < 0) lastUse[pair] = position;
      }
    }
  }
  for (let value = 0; value < step.valueCount; value++) {
    if (residentAtStart[value]) closeInstance(value, home[value], -1);
  }
  for (let i = 1; i < rows.length; i++) rows[i] += rows[i - 1];
  const fill = rows.slice();
  const ends = new Int32Array(pairs.length);
  for (let i = pairs.length - 1; i >= 0; i--) ends[fill[positions[i]]++] = pairs[i];
  return { rows, ends, early };
}

/** What is asked for, and what has to have left, by the base node before which it is. */
function pagingAtBase({ fetches, waits }: Directives): Record<'fetches' | 'waits', Map<number, number[]>> {
  const byBase = (pairs: Int32Array | undefined): Map<number, number[]> => {
    const values = new Map<number, number[]>();
    for (let i = 0; pairs && i < pairs.length; i += 2) appendTo(values, pairs[i], pairs[i + 1]);
    return values;
  };
  return { fetches: byBase(fetches), waits: byBase(waits) };
}

/**
 * For each offloaded value, the positions after which it leaves the device: an activation after its last use before
 * backward begins; what outlives the step after its last use in each part of it.
 */
function offloadPoints(step: StepGraph, nodes: Int32Array, directives: Directives): Map<number, number[]> {
  const points = new Map<number, number[]>();
  if (directives.offloads.length === 0) return points;
  const wanted = new Set(directives.offloads);
  const lastUse = new Map<number, number>();
  const closePart = (): void => {
    for (const [value, position] of lastUse) appendTo(points, position, value);
    lastUse.clear();
  };
  let part: number = Phase.forward;
  for (let position = 0; position < nodes.length; position++) {
    const node = nodes[position];
    const phase = step.nodePhase[node];
    if (phase >= Phase.backward && phase > part) {
      closePart();
      part = phase;
    }
    for (const rows of [step.inputs, step.outputs, step.updates]) {
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) {
        const value = rows.items[i];
        const counts =
          part === Phase.forward
            ? rows !== step.updates || step.residentAtStart[value]
            : step.residentAtStart[value];
        if (counts && wanted.has(value)) lastUse.set(value, position);
      }
    }
  }
  closePart();
  return points;
}

/** Tracks on which devices each value is, and writes the copies and frees that keep it true. */
class Residency {
  private readonly on: Uint8Array;
  private readonly inHost: Uint8Array;
  /** Values that are on their way to host memory, and whose memory somebody waits for. */
  private readonly isLeaving: Uint8Array;
  private readonly isAwaited: Uint8Array;
  private readonly deviceCount: number;

  constructor(
    private readonly step: StepGraph,
    home: Uint8Array,
    private readonly out: ScheduleBuilder,
    { offloads, waits }: Directives,
  ) {
    this.deviceCount = step.devices.length;
    this.on = new Uint8Array(step.valueCount * this.deviceCount);
    this.inHost = new Uint8Array(step.valueCount);
    this.isLeaving = new Uint8Array(step.valueCount);
    this.isAwaited = new Uint8Array(step.valueCount);
    for (let i = 1; waits && i < waits.length; i += 2) this.isAwaited[waits[i]] = 1;
    for (const value of offloads) if (step.residentAtStart[value]) this.inHost[value] = 1;
    for (let value = 0; value < step.valueCount; value++) {
      if (step.residentAtStart[value] && !this.inHost[value])
        this.on[value * this.deviceCount + home[value]] = 1;
    }
  }

  /** Makes `value` present on `device`, by a copy when it is elsewhere. */
  require(value: number, device: number): void {
    const row = value * this.deviceCount;
    if (this.isLeaving[value]) this.awaitLeaving(value);
    if (this.on[row + device]) return;
    let from = hostMemory;
    for (let other = 0; other < this.deviceCount; other++) if (this.on[row + other]) from = other;
    if (from === hostMemory && !this.inHost[value]) {
      throw new Error(`value ${this.step.valueName[value]} is read before it is computed`);
    }
    this.out.push(Op.copy, value, from, device);
    this.on[row + device] = 1;
  }

  /** Asks for a value of host memory before it is read; nothing happens where there is nothing to fetch. */
  fetch(value: number, device: number): void {
    if (this.inHost[value]) this.require(value, device);
  }

  /** What other places have is stale. */
  updated(value: number, device: number): void {
    for (let other = 0; other < this.deviceCount; other++) if (other !== device) this.release(value, other);
    this.produced(value, device);
  }

  produced(value: number, device: number): void {
    this.on[value * this.deviceCount + device] = 1;
    this.inHost[value] = 0;
  }

  release(value: number, device: number): void {
    const pair = value * this.deviceCount + device;
    if (!this.on[pair]) return;
    this.on[pair] = 0;
    this.out.push(Op.free, value, device, device);
  }

  offload(value: number): void {
    for (let device = 0; device < this.deviceCount; device++) {
      if (!this.on[value * this.deviceCount + device]) continue;
      if (!this.inHost[value]) this.out.push(Op.copy, value, device, hostMemory);
      this.inHost[value] = 1;
      if (this.isAwaited[value]) this.isLeaving[value] = 1;
      else this.release(value, device);
    }
  }

  /** From here on the device computes only when the value has left. Only the first time it leaves is awaited. */
  awaitLeaving(value: number): void {
    if (!this.isLeaving[value]) return;
    this.isLeaving[value] = 0;
    this.isAwaited[value] = 0;
    for (let device = 0; device < this.deviceCount; device++) {
      const pair = value * this.deviceCount + device;
      if (!this.on[pair]) continue;
      this.on[pair] = 0;
      this.out.push(Op.free, value, device, hostMemory);
    }
  }
}
