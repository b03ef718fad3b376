import type { Job } from '../../../base/job';
import type { Placement } from '../problem';
import type { PeriodPlan } from './annealLoads';
import { likeDevices } from '../deviceClasses';
import { resourceCount, type LoadModel } from './loadModel';

export interface ExactPeriod {
  /** The best placement with a period below the given one; undefined: there is none, or none was reached. */
  readonly plan: PeriodPlan | undefined;
  /** Every placement has been looked at, or is worse than one that has. */
  readonly isComplete: boolean;
}

/**
 * Branch and bound over placements, heaviest groups first: loads only grow as groups are placed, and what is left takes at
 * least its fastest times. Of like devices that are empty the first is tried. Gives up after `limit` steps.
 */
export async function exactPeriod(
  model: LoadModel,
  belowMs: number,
  limit: number,
  job: Job,
): Promise<ExactPeriod> {
  const search = new PeriodBranching(model, belowMs, limit);
  while (search.run()) await job.checkpoint();
  return { plan: search.plan, isComplete: search.isComplete };
}

/** Steps between two looks at the job. */
const batch = 20_000;

class PeriodBranching {
  plan: PeriodPlan | undefined;
  isComplete = false;
  private steps = 0;
  private depth = 0;
  private readonly order: Int32Array;
  /** Least time of all groups from a depth on. */
  private readonly restMs: Float64Array;
  private readonly classOf: Int32Array;
  private readonly deviceOf: Int16Array;
  /** By depth: the next device to try. */
  private readonly next: Int16Array;
  private readonly groupsOn: Int32Array;
  /** Loads by depth, so that going back restores them exactly. */
  private readonly loads: Float64Array[];
  private readonly used: Float64Array[];

  constructor(
    private readonly model: LoadModel,
    private belowMs: number,
    private readonly limit: number,
  ) {
    const { groupCount, deviceCount, timeMs } = model;
    const least = new Float64Array(groupCount).fill(Infinity);
    for (let at = 0; at < deviceCount * groupCount; at++)
      least[at % groupCount] = Math.min(least[at % groupCount], timeMs[at]);
    this.order = Int32Array.from({ length: groupCount }, (_, group) => group).sort(
      (a, b) => least[b] - least[a] || a - b,
    );
    this.restMs = new Float64Array(groupCount + 1);
    for (let at = groupCount - 1; at >= 0; at--)
      this.restMs[at] = this.restMs[at + 1] + least[this.order[at]];
    this.classOf = new Int32Array(deviceCount);
    likeDevices(model).forEach((devices, kind) => devices.forEach((device) => (this.classOf[device] = kind)));
    this.deviceOf = new Int16Array(groupCount).fill(-1);
    this.next = new Int16Array(groupCount + 1);
    this.groupsOn = new Int32Array(deviceCount);
    this.loads = Array.from({ length: groupCount + 1 }, () => new Float64Array(resourceCount(model)));
    this.used = Array.from({ length: groupCount + 1 }, () => new Float64Array(deviceCount));
  }

  /** Goes on for a while; false at the end. */
  run(): boolean {
    const { model, order, next } = this;
    for (let i = 0; i < batch; i++) {
      if (this.steps++ >= this.limit) return false;
      if (this.depth === model.groupCount) {
        this.keep();
        if (!this.goBack()) return false;
        continue;
      }
      const device = next[this.depth]++;
      if (device >= model.deviceCount) {
        if (!this.goBack()) return false;
      } else if (!this.isRepeated(device) && this.place(order[this.depth], device)) {
        this.depth++;
        next[this.depth] = 0;
      }
    }
    return true;
  }

  private keep(): void {
    const periodMs = this.loads[this.depth].reduce((most, ms) => Math.max(most, ms), 0);
    if (periodMs >= this.belowMs) return;
    this.belowMs = periodMs;
    this.plan = { placement: Uint8Array.from(this.deviceOf) satisfies Placement, periodMs };
  }

  private goBack(): boolean {
    if (this.depth === 0) {
      this.isComplete = true;
      return false;
    }
    const group = this.order[--this.depth];
    this.groupsOn[this.deviceOf[group]]--;
    this.deviceOf[group] = -1;
    return true;
  }

  /** Is a device as empty as an earlier one like it? */
  private isRepeated(device: number): boolean {
    if (this.groupsOn[device] > 0) return false;
    for (let other = 0; other < device; other++)
      if (this.classOf[other] === this.classOf[device] && this.groupsOn[other] === 0) return true;
    return false;
  }

  /** Places a group if the bound allows it. */
  private place(group: number, device: number): boolean {
    const { model, deviceOf, depth } = this;
    const { groupCount, deviceCount, timeMs, bytes, memoryBytes } = model;
    const time = timeMs[device * groupCount + group];
    if (time === Infinity) return false;
    const load = this.loads[depth + 1];
    load.set(this.loads[depth]);
    const used = this.used[depth + 1];
    used.set(this.used[depth]);
    used[device] += bytes[group];
    load[device] += time;
    if (used[device] > memoryBytes[device] || !this.chargeFlows(group, device, load)) return false;
    let sum = this.restMs[depth + 1];
    let most = 0;
    for (let resource = 0; resource < load.length; resource++) {
      most = Math.max(most, load[resource]);
      if (resource < deviceCount) sum += load[resource];
    }
    if (most >= this.belowMs || sum / deviceCount >= this.belowMs) return false;
    deviceOf[group] = device;
    this.groupsOn[device]++;
    return true;
  }

  /** Adds what flows between a group on a device and those placed cost; false where there is no way. */
  private chargeFlows(group: number, device: number, load: Float64Array): boolean {
    const { flowsFrom, flowsInto, source } = this.model;
    for (let i = flowsFrom.offsets[group]; i < flowsFrom.offsets[group + 1]; i++) {
      const reached = this.reached(flowsFrom.items[i], -1);
      let isFirst = true;
      for (const target of reached) {
        if (target === device) continue;
        if (!this.charge(flowsFrom.items[i], device, target, isFirst, load)) return false;
        isFirst = false;
      }
    }
    for (let i = flowsInto.offsets[group]; i < flowsInto.offsets[group + 1]; i++) {
      const flow = flowsInto.items[i];
      const home = this.deviceOf[source[flow]];
      if (home < 0 || home === device) continue;
      const reached = this.reached(flow, home);
      if (!reached.has(device) && !this.charge(flow, home, device, reached.size === 0, load)) return false;
    }
    return true;
  }

  /** Devices of a flow's readers, those that are placed, but for its home. */
  private reached(flow: number, home: number): Set<number> {
    const { readers } = this.model;
    const devices = new Set<number>();
    for (let i = readers.offsets[flow]; i < readers.offsets[flow + 1]; i++) {
      const device = this.deviceOf[readers.items[i]];
      if (device >= 0 && device !== home) devices.add(device);
    }
    return devices;
  }

  private charge(flow: number, home: number, target: number, isFirst: boolean, load: Float64Array): boolean {
    const { deviceCount, transfers, amount, results } = this.model;
    if (transfers.kind === 'through-host') {
      if (isFirst && transfers.isAccelerator[home]) load[home] += amount[flow];
      if (transfers.isAccelerator[target]) load[target] += amount[flow];
      return true;
    }
    const pair = home * deviceCount + target;
    if (transfers.msPerByte[pair] === Infinity) return false;
    load[deviceCount + transfers.channel[pair]] +=
      results[flow] * transfers.latencyMs[pair] + amount[flow] * transfers.msPerByte[pair];
    return true;
  }
}
