import type { LoadModel } from './loadModel';

/**
 * The load of one device of a class as groups come to it and go, all others being elsewhere. Over links it is the longer of the
 * computations and what goes in or out over the device's fastest link: a proposal, weighed in the whole afterwards.
 */
export class RunLoad {
  timeMs = 0;
  bytes = 0;
  private outUnits = 0;
  private inUnits = 0;
  private outResults = 0;
  private inResults = 0;
  private readonly isInside: Uint8Array;
  private readonly readersInside: Int32Array;
  private readonly msPerUnit: number;
  private readonly latencyMs: number;

  constructor(
    private readonly model: LoadModel,
    private readonly device: number,
  ) {
    this.isInside = new Uint8Array(model.groupCount);
    this.readersInside = new Int32Array(model.source.length);
    const { transfers, deviceCount } = model;
    if (transfers.kind === 'through-host') {
      this.msPerUnit = transfers.isAccelerator[device];
      this.latencyMs = 0;
      return;
    }
    let [msPerUnit, latencyMs] = [Infinity, Infinity];
    for (let other = 0; other < deviceCount; other++) {
      const pair = device * deviceCount + other;
      if (other === device || transfers.msPerByte[pair] >= msPerUnit) continue;
      msPerUnit = transfers.msPerByte[pair];
      latencyMs = transfers.latencyMs[pair];
    }
    this.msPerUnit = msPerUnit < Infinity ? msPerUnit : 0;
    this.latencyMs = latencyMs < Infinity ? latencyMs : 0;
  }

  get fits(): boolean {
    return this.bytes <= this.model.memoryBytes[this.device] && this.timeMs < Infinity;
  }

  get loadMs(): number {
    if (this.model.transfers.kind === 'through-host')
      return this.timeMs + this.msPerUnit * (this.outUnits + this.inUnits);
    const outMs = this.msPerUnit * this.outUnits + this.latencyMs * this.outResults;
    const inMs = this.msPerUnit * this.inUnits + this.latencyMs * this.inResults;
    return Math.max(this.timeMs, outMs, inMs);
  }

  canRun(group: number): boolean {
    return this.model.timeMs[this.device * this.model.groupCount + group] < Infinity;
  }

  add(group: number): void {
    this.change(group, 1);
  }

  remove(group: number): void {
    this.change(group, -1);
  }

  private change(group: number, sign: 1 | -1): void {
    const { groupCount, timeMs, bytes, flowsFrom, flowsInto } = this.model;
    for (let i = flowsFrom.offsets[group]; i < flowsFrom.offsets[group + 1]; i++)
      this.count(flowsFrom.items[i], -1);
    for (let i = flowsInto.offsets[group]; i < flowsInto.offsets[group + 1]; i++)
      this.count(flowsInto.items[i], -1);
    this.timeMs += sign * timeMs[this.device * groupCount + group];
    this.bytes += sign * bytes[group];
    this.isInside[group] = sign > 0 ? 1 : 0;
    for (let i = flowsFrom.offsets[group]; i < flowsFrom.offsets[group + 1]; i++)
      this.count(flowsFrom.items[i], 1);
    for (let i = flowsInto.offsets[group]; i < flowsInto.offsets[group + 1]; i++) {
      this.readersInside[flowsInto.items[i]] += sign;
      this.count(flowsInto.items[i], 1);
    }
  }

  /** Counts (or takes out) what a flow brings in or out. */
  private count(flow: number, sign: 1 | -1): void {
    const { source, readers, amount, results } = this.model;
    const inside = this.readersInside[flow];
    if (this.isInside[source[flow]]) {
      if (inside === readers.offsets[flow + 1] - readers.offsets[flow]) return;
      this.outUnits += sign * amount[flow];
      this.outResults += sign * results[flow];
    } else if (inside > 0) {
      this.inUnits += sign * amount[flow];
      this.inResults += sign * results[flow];
    }
  }
}
