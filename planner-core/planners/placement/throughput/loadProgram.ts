import { LinearProgramBuilder, type LinearProgram } from '../../../solvers/linearProgram';
import type { Placement } from '../problem';
import { likeDevices } from '../deviceClasses';
import { resourceCount, type LoadModel } from './loadModel';

/** The objective is scaled so that the best period known is about this. */
const periodScale = 1000;

/**
 * The shortest period as an integer program (the throughput program of Tarnawski et al., NeurIPS 2020, without contiguity): a
 * column for each group and device, one for each flow that leaves or reaches a device (over links: that takes
 * a way), and the period above all loads. Of placements that differ by an exchange of like devices it has one: the
 * heaviest group may use the first device of a class, the next heaviest the first two, and so on.
 */
export class LoadProgram {
  readonly program: LinearProgram;
  readonly costPerMs: number;
  private readonly builder = new LinearProgramBuilder();
  private readonly period: number;
  /** By device and group; -1 where the group cannot run. */
  private readonly on: Int32Array;
  /** Columns for flows: at least the sum of some columns less a constant, for each of several sums. */
  private readonly flows: { column: number; atLeast: { plus: number[]; minus: number[]; less: number }[] }[] =
    [];
  private readonly loads: [number, number][][];
  private readonly classes: readonly (readonly number[])[];
  private readonly byWeight: Int32Array;

  constructor(
    private readonly model: LoadModel,
    periodMs: number,
  ) {
    const { groupCount, deviceCount, timeMs, memoryBytes, bytes } = model;
    this.costPerMs = periodScale / (periodMs > 0 && periodMs < Infinity ? periodMs : 1);
    const { builder } = this;
    this.period = builder.column(1, 0, Infinity);
    this.on = new Int32Array(deviceCount * groupCount).fill(-1);
    this.classes = likeDevices(model);
    this.byWeight = this.heaviestFirst();
    const rank = new Int32Array(groupCount);
    this.byWeight.forEach((group, at) => (rank[group] = at));
    for (const devices of this.classes) {
      devices.forEach((device, place) => {
        for (let group = 0; group < groupCount; group++)
          if (timeMs[device * groupCount + group] < Infinity && place <= rank[group])
            this.on[device * groupCount + group] = builder.binary(0);
      });
    }
    this.loads = Array.from({ length: resourceCount(model) }, () => []);
    for (let device = 0; device < deviceCount; device++) {
      for (let group = 0; group < groupCount; group++)
        this.addLoad(device, this.on[device * groupCount + group], timeMs[device * groupCount + group]);
      if (memoryBytes[device] === Infinity) continue;
      const used: [number, number][] = [];
      for (let group = 0; group < groupCount; group++) {
        const column = this.on[device * groupCount + group];
        if (column >= 0 && bytes[group] > 0) used.push([column, bytes[group] / memoryBytes[device]]);
      }
      if (used.length > 0) builder.row(used, -Infinity, 1);
    }
    for (let group = 0; group < groupCount; group++) {
      const columns = Array.from({ length: deviceCount }, (_, device) => this.at(device, group));
      builder.row(
        columns.filter((column) => column >= 0).map((column) => [column, 1]),
        1,
        1,
      );
    }
    for (let flow = 0; flow < model.source.length; flow++) {
      if (model.transfers.kind === 'links') this.addLinkFlow(flow);
      else this.addHostFlow(flow);
    }
    this.orderLikeDevices();
    for (const load of this.loads) {
      const scaled = load.map(([column, ms]): [number, number] => [column, ms * this.costPerMs]);
      if (load.length > 0) builder.row([...scaled, [this.period, -1]], -Infinity, 0);
    }
    this.program = builder.build();
  }

  placementOf(point: Float64Array): Placement {
    const { groupCount, deviceCount } = this.model;
    return Uint8Array.from({ length: groupCount }, (_, group) => {
      let best = 0;
      let most = -1;
      for (let device = 0; device < deviceCount; device++) {
        const column = this.at(device, group);
        if (column < 0 || point[column] <= most) continue;
        most = point[column];
        best = device;
      }
      return best;
    });
  }

  /** The complete point of a placement, after like devices have been exchanged to the order the program knows. */
  pointOf(placement: Placement): Float64Array {
    const { groupCount } = this.model;
    const point = new Float64Array(this.program.columnCount);
    const devices = this.inOrder(placement);
    devices.forEach((device, group) => {
      const column = this.on[device * groupCount + group];
      if (column >= 0) point[column] = 1;
    });
    for (const { column, atLeast } of this.flows) {
      for (const { plus, minus, less } of atLeast) {
        let sum = -less;
        for (const other of plus) sum += point[other];
        for (const other of minus) sum -= point[other];
        point[column] = Math.max(point[column], sum);
      }
    }
    for (const load of this.loads) {
      let ms = 0;
      for (const [column, each] of load) ms += each * point[column];
      point[this.period] = Math.max(point[this.period], ms * this.costPerMs);
    }
    return point;
  }

  private inOrder(placement: Placement): Placement {
    const renamed = new Int16Array(this.model.deviceCount).fill(-1);
    for (const devices of this.classes) {
      let used = 0;
      for (const group of this.byWeight)
        if (devices.includes(placement[group]) && renamed[placement[group]] < 0)
          renamed[placement[group]] = devices[used++];
    }
    return placement.map((device) => renamed[device]);
  }

  private heaviestFirst(): Int32Array {
    const { groupCount, deviceCount, timeMs } = this.model;
    const weight = new Float64Array(groupCount).fill(Infinity);
    for (let at = 0; at < deviceCount * groupCount; at++)
      weight[at % groupCount] = Math.min(weight[at % groupCount], timeMs[at]);
    return Int32Array.from({ length: groupCount }, (_, group) => group).sort(
      (a, b) => weight[b] - weight[a] || a - b,
    );
  }

  /** A group may use a device only where a heavier one uses the device before it in its class. */
  private orderLikeDevices(): void {
    for (const devices of this.classes) {
      for (let place = 1; place < devices.length; place++) {
        this.byWeight.forEach((group, at) => {
          const column = this.at(devices[place], group);
          if (column < 0 || at > 2 * this.classes.flat().length) return;
          const before: [number, number][] = [];
          for (const heavier of this.byWeight.subarray(0, at)) {
            const other = this.at(devices[place - 1], heavier);
            if (other >= 0) before.push([other, -1]);
          }
          this.builder.row([[column, 1], ...before], -Infinity, 0);
        });
      }
    }
  }

  private addHostFlow(flow: number): void {
    const { deviceCount, transfers, amount, source } = this.model;
    if (transfers.kind !== 'through-host') return;
    for (let device = 0; device < deviceCount; device++) {
      if (!transfers.isAccelerator[device]) continue;
      const home = this.at(device, source[flow]);
      const readers = this.readersOf(flow).map((reader) => this.at(device, reader));
      if (home >= 0) {
        const leaves = this.flowColumn(
          readers.map((reader) => ({ plus: [home], minus: known(reader), less: 0 })),
        );
        this.addLoad(device, leaves, amount[flow]);
      }
      const there = readers.filter((reader) => reader >= 0);
      if (there.length === 0) continue;
      const comes = this.flowColumn(there.map((reader) => ({ plus: [reader], minus: known(home), less: 0 })));
      this.addLoad(device, comes, amount[flow]);
    }
  }

  private addLinkFlow(flow: number): void {
    const { deviceCount, transfers, amount, results, source } = this.model;
    if (transfers.kind !== 'links') return;
    for (let from = 0; from < deviceCount; from++) {
      const home = this.at(from, source[flow]);
      if (home < 0) continue;
      for (let to = 0; to < deviceCount; to++) {
        if (to === from) continue;
        const there = this.readersOf(flow)
          .map((reader) => this.at(to, reader))
          .filter((reader) => reader >= 0);
        const pair = from * deviceCount + to;
        const msPerByte = transfers.msPerByte[pair];
        if (msPerByte === Infinity) {
          for (const reader of there) this.builder.row([[home, 1], [reader, 1]], -Infinity, 1); // prettier-ignore
          continue;
        }
        const ms = results[flow] * transfers.latencyMs[pair] + amount[flow] * msPerByte;
        if (there.length === 0 || ms === 0) continue;
        const goes = this.flowColumn(there.map((reader) => ({ plus: [home, reader], minus: [], less: 1 })));
        this.addLoad(deviceCount + transfers.channel[pair], goes, ms);
      }
    }
  }

  private flowColumn(atLeast: { plus: number[]; minus: number[]; less: number }[]): number {
    const column = this.builder.column(0, 0, 1);
    for (const { plus, minus, less } of atLeast) {
      const terms = [
        ...plus.map((other): [number, number] => [other, 1]),
        ...minus.map((other): [number, number] => [other, -1]),
        [column, -1] as [number, number],
      ];
      this.builder.row(terms, -Infinity, less);
    }
    this.flows.push({ column, atLeast });
    return column;
  }

  private addLoad(resource: number, column: number, ms: number): void {
    if (column >= 0 && ms > 0) this.loads[resource].push([column, ms]);
  }

  private readersOf(flow: number): number[] {
    const { offsets, items } = this.model.readers;
    return Array.from(items.subarray(offsets[flow], offsets[flow + 1]));
  }

  private at(device: number, group: number): number {
    return this.on[device * this.model.groupCount + group];
  }
}

const known = (column: number): number[] => (column >= 0 ? [column] : []);
