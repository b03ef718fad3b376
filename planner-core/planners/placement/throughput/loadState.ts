import type { Placement } from '../problem';
import { resourceCount, type LoadModel } from './loadModel';

/**
 * A placement with the load of every device and channel, kept as groups move: a move costs the degree of the group
 * times the devices its flows reach. Loads are sums of increments; `refresh` takes the rounding out.
 */
export class LoadState {
  readonly placement: Placement;
  /** By resource: devices, then channels. */
  readonly loadMs: Float64Array;
  readonly usedBytes: Float64Array;
  /** Transfers for which there is no way. */
  missingWays = 0;
  /** readersOn[flow * deviceCount + device]: groups there that read it. */
  private readonly readersOn: Uint16Array;

  constructor(
    readonly model: LoadModel,
    start: Placement,
  ) {
    this.placement = start.slice();
    this.loadMs = new Float64Array(resourceCount(model));
    this.usedBytes = new Float64Array(model.deviceCount);
    this.readersOn = new Uint16Array(model.source.length * model.deviceCount);
    this.refresh();
  }

  /** Takes over another placement, or computes the loads of this one anew. */
  refresh(placement: Placement = this.placement): void {
    const { groupCount, deviceCount, timeMs, bytes, source, readers } = this.model;
    this.placement.set(placement);
    this.loadMs.fill(0);
    this.usedBytes.fill(0);
    this.readersOn.fill(0);
    this.missingWays = 0;
    for (let group = 0; group < groupCount; group++) {
      const device = this.placement[group];
      this.loadMs[device] += timeMs[device * groupCount + group];
      this.usedBytes[device] += bytes[group];
    }
    for (let flow = 0; flow < source.length; flow++) {
      for (let i = readers.offsets[flow]; i < readers.offsets[flow + 1]; i++)
        this.readersOn[flow * deviceCount + this.placement[readers.items[i]]]++;
      this.charge(flow, this.placement[source[flow]], 1);
    }
  }

  get periodMs(): number {
    let most = 0;
    for (const load of this.loadMs) if (load > most) most = load;
    return most;
  }

  /** Bytes over the devices' limits. */
  get excessBytes(): number {
    const { deviceCount, memoryBytes } = this.model;
    let excess = 0;
    for (let device = 0; device < deviceCount; device++)
      excess += Math.max(0, this.usedBytes[device] - memoryBytes[device]);
    return excess;
  }

  /** Within memory, and every transfer has a way. */
  get isValid(): boolean {
    return this.missingWays === 0 && this.excessBytes === 0;
  }

  /** Moves a group to a device on which it can run. */
  move(group: number, to: number): void {
    const { groupCount, deviceCount, timeMs, bytes, flowsFrom, flowsInto, source } = this.model;
    const from = this.placement[group];
    if (from === to) return;
    this.loadMs[from] -= timeMs[from * groupCount + group];
    this.loadMs[to] += timeMs[to * groupCount + group];
    this.usedBytes[from] -= bytes[group];
    this.usedBytes[to] += bytes[group];
    this.placement[group] = to;
    for (let i = flowsFrom.offsets[group]; i < flowsFrom.offsets[group + 1]; i++) {
      this.charge(flowsFrom.items[i], from, -1);
      this.charge(flowsFrom.items[i], to, 1);
    }
    for (let i = flowsInto.offsets[group]; i < flowsInto.offsets[group + 1]; i++) {
      const flow = flowsInto.items[i];
      const home = this.placement[source[flow]];
      if (--this.readersOn[flow * deviceCount + from] === 0 && from !== home)
        this.chargeOne(flow, home, from, -1);
      if (this.readersOn[flow * deviceCount + to]++ === 0 && to !== home) this.chargeOne(flow, home, to, 1);
    }
  }

  /** Adds (sign 1) or takes away what a flow from `home` costs all that hand it on. */
  private charge(flow: number, home: number, sign: number): void {
    const { deviceCount, transfers, amount } = this.model;
    const row = flow * deviceCount;
    let leaves = false;
    for (let device = 0; device < deviceCount; device++) {
      if (device === home || this.readersOn[row + device] === 0) continue;
      leaves = true;
      if (transfers.kind === 'links') this.chargeLink(flow, home, device, sign);
      else if (transfers.isAccelerator[device]) this.loadMs[device] += sign * amount[flow];
    }
    if (leaves && transfers.kind === 'through-host' && transfers.isAccelerator[home])
      this.loadMs[home] += sign * amount[flow];
  }

  /** One receiving device more (sign 1; it is counted already) or less (it is not counted any more). */
  private chargeOne(flow: number, home: number, device: number, sign: number): void {
    const { deviceCount, transfers, amount } = this.model;
    if (transfers.kind === 'links') {
      this.chargeLink(flow, home, device, sign);
      return;
    }
    if (transfers.isAccelerator[device]) this.loadMs[device] += sign * amount[flow];
    if (!transfers.isAccelerator[home]) return;
    // The source sends once, however many receive.
    const row = flow * deviceCount;
    for (let other = 0; other < deviceCount; other++)
      if (other !== home && other !== device && this.readersOn[row + other] > 0) return;
    this.loadMs[home] += sign * amount[flow];
  }

  private chargeLink(flow: number, from: number, to: number, sign: number): void {
    const { deviceCount, transfers, amount, results } = this.model;
    if (transfers.kind !== 'links') return;
    const pair = from * deviceCount + to;
    const msPerByte = transfers.msPerByte[pair];
    if (msPerByte === Infinity) this.missingWays += sign;
    else
      this.loadMs[deviceCount + transfers.channel[pair]] +=
        sign * (results[flow] * transfers.latencyMs[pair] + amount[flow] * msPerByte);
  }
}
