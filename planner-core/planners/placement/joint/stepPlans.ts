import { HeadroomError } from '../../../base/errors';
import { resolveDecisions } from '../../../plan/resolveDecisions';
import { compileSchedule } from '../../../simulator/compileSchedule';
import type { Directives } from '../../../simulator/schedule';
import { simulate } from '../../../simulator/simulate';
import { Phase, type NodeId, type StepGraph, type ValueId } from '../../../step/stepGraph';
import { PlanningContext } from '../../context';
import { groupsOfStep } from './stepGroups';
import type { PlanningProblem } from '../../problem';

/** A device for each group, what runs again where, and what waits for backward in host memory. */
export interface StepPlan {
  readonly devices: Uint8Array;
  /** Values, ascending. */
  readonly offloads: readonly ValueId[];
  /** Sorted by `before`, then in the order they run. */
  readonly repeats: readonly Repeat[];
}

/** Just before `before`, `node` runs again on a device; -1: where it ran first. */
export interface Repeat {
  readonly before: NodeId;
  readonly node: NodeId;
  readonly device: number;
}

/** A plan with the simulator's numbers. */
export interface WeighedPlan extends StepPlan {
  readonly timeMs: number;
  readonly peakBytes: Float64Array;
  /** Bytes above the limits, summed over the devices. */
  readonly excessBytes: number;
}

/**
 * Plans of a step over several devices: for groups of nodes that share one, in the order of the forward pass, and what
 * the simulator says of them.
 */
export class StepPlans {
  readonly step: StepGraph;
  readonly groupCount: number;
  /** By group: its forward nodes. */
  readonly forwardNodes: readonly (readonly NodeId[])[];
  /** By group: the device a person chose; -1 where nobody did. */
  readonly pinnedDevice: Int32Array;
  /** By node: its group; -1 for what stays on the first device or follows its parameter. */
  readonly groupOf: Int32Array;
  /** By group: what its forward nodes make and backward reads, which may wait in host memory. */
  readonly offloadable: readonly (readonly ValueId[])[];
  /** By node: 1 where repeats may be added or removed. */
  readonly isFree: Uint8Array;
  private readonly context: PlanningContext;

  constructor(
    problem: PlanningProblem,
    readonly limitBytes: Float64Array,
  ) {
    const { step, layers, pins } = problem;
    if (limitBytes.length !== step.devices.length)
      throw new HeadroomError('bad-usage', 'There must be a memory limit for each device.');
    this.step = step;
    this.context = new PlanningContext(problem);
    const { device: chosen, choice } = resolveDecisions(step, layers, pins);
    const { groupOf, forwardNodes, pinnedDevice } = groupsOfStep(step, chosen);
    this.groupOf = groupOf;
    this.forwardNodes = forwardNodes;
    this.pinnedDevice = pinnedDevice;
    this.groupCount = forwardNodes.length;
    const hasHost = step.devices.every((_, device) => {
      const host = step.devices.length;
      return (
        step.linkBytesPerMs[device * (host + 1) + host] > 0 &&
        step.linkBytesPerMs[host * (host + 1) + device] > 0
      );
    });
    this.offloadable = forwardNodes.map((nodes) => (hasHost ? this.offloadableOf(nodes, choice) : []));
    const { fixed, pinnedRecompute } = this.context;
    this.isFree = step.recomputable.map((flag, node) =>
      Number(flag && !fixed[node] && !pinnedRecompute[node]),
    );
  }

  private offloadableOf(nodes: readonly NodeId[], choice: readonly (string | undefined)[]): ValueId[] {
    const { outputs, residentAtEnd } = this.step;
    const values: ValueId[] = [];
    for (const node of nodes) {
      if (choice[node] !== undefined) continue;
      for (let i = outputs.offsets[node]; i < outputs.offsets[node + 1]; i++) {
        const value = outputs.items[i];
        if (!residentAtEnd[value] && this.firstBackwardReader(new Set([value])) >= 0) values.push(value);
      }
    }
    return values;
  }

  /** Everything on one device but what is pinned elsewhere; with the repeats of a plan for one device. */
  onDevice(device: number, recomputations = this.context.pinnedRecomputations): StepPlan {
    const repeats: Repeat[] = [];
    for (let i = 0; i < recomputations.length; i += 2)
      repeats.push({ before: recomputations[i], node: recomputations[i + 1], device: -1 });
    return {
      devices: Uint8Array.from(this.pinnedDevice, (pin) => (pin >= 0 ? pin : device)),
      offloads: [],
      repeats,
    };
  }

  weigh(plan: StepPlan): WeighedPlan {
    const { stepTimeMs, perDevicePeakBytes } = simulate(
      this.step,
      compileSchedule(this.step, this.directives(plan)),
    );
    let excessBytes = 0;
    perDevicePeakBytes.forEach((bytes, device) => {
      excessBytes += Math.max(0, bytes - this.limitBytes[device]);
    });
    return { ...plan, timeMs: stepTimeMs, peakBytes: perDevicePeakBytes, excessBytes };
  }

  directives({ devices, offloads, repeats }: StepPlan): Directives {
    const recomputations = new Int32Array(2 * repeats.length);
    const placement = Uint8Array.from(this.groupOf, (group) => (group < 0 ? 0 : devices[group]));
    const recomputationDevices = Uint8Array.from(repeats, ({ before, node, device }, i) => {
      recomputations[2 * i] = before;
      recomputations[2 * i + 1] = node;
      return device < 0 ? placement[node] : device;
    });
    const pinned = this.context.directives(recomputations);
    return {
      ...pinned,
      offloads:
        offloads.length > 0
          ? Int32Array.from(new Set([...pinned.offloads, ...offloads])).sort()
          : pinned.offloads,
      placement: placement.some((device) => device > 0) ? placement : undefined,
      recomputationDevices: recomputationDevices.some((device) => device > 0)
        ? recomputationDevices
        : undefined,
    };
  }

  /** Without the repeats of some groups, those a person asked for excepted. */
  withoutRepeats(repeats: readonly Repeat[], groups: ReadonlySet<number>): Repeat[] {
    return repeats.filter(({ node }) => !this.isFree[node] || !groups.has(this.groupOf[node]));
  }

  /** Groups run again together, just before backward reads what they make for the first time. */
  withRepeats(repeats: readonly Repeat[], groups: ReadonlySet<number>, device: number): Repeat[] {
    const { step } = this;
    const others = this.withoutRepeats(repeats, groups);
    const nodes = [...groups]
      .flatMap((group) => this.forwardNodes[group])
      .filter((node) => this.isFree[node]);
    const made = new Set<number>();
    for (const node of nodes)
      for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++)
        made.add(step.outputs.items[i]);
    const before = this.firstBackwardReader(made);
    if (before < 0) return others;
    const added = nodes.map((node): Repeat => {
      const changesInPlace = step.updates.offsets[node] < step.updates.offsets[node + 1];
      // What it changes in place is where it ran first.
      return { before, node, device: changesInPlace ? -1 : device };
    });
    return [...others, ...added].sort((a, b) => a.before - b.before || a.node - b.node);
  }

  /** With or without what some groups make in host memory until backward. */
  withOffloads(offloads: readonly ValueId[], groups: ReadonlySet<number>, isOffloaded: boolean): ValueId[] {
    const chosen = new Set(offloads);
    for (const group of groups) {
      for (const value of this.offloadable[group]) {
        if (isOffloaded) chosen.add(value);
        else chosen.delete(value);
      }
    }
    return [...chosen].sort((a, b) => a - b);
  }

  private firstBackwardReader(values: ReadonlySet<number>): NodeId {
    const { nodePhase, nodeCount, inputs } = this.step;
    for (let node = nodePhase.indexOf(Phase.backward); node >= 0 && node < nodeCount; node++)
      for (let i = inputs.offsets[node]; i < inputs.offsets[node + 1]; i++)
        if (values.has(inputs.items[i])) return node;
    return -1;
  }
}
