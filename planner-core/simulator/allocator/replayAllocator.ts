import { Phase, ValueKind, type StepGraph } from '../../step/stepGraph';
import { initialPlacement } from '../initialPlacement';
import { Op, hostMemory, type Schedule } from '../schedule';
import type { AllocatorConfig } from './allocatorConfig';
import type { Block } from './block';
import { CachingAllocator } from './cachingAllocator';
import { DeviceReplay, type DevicePeaks } from './deviceReplay';

/** The memory a matrix library takes for its handles through the allocator. */
export interface LibraryWorkspace {
  /** By node: 1 where the node calls the library. */
  readonly callers: Uint8Array;
  /** By device: bytes of one handle; 0 where the device has no such library. */
  readonly handleBytes: readonly number[];
  /** Kept by its handle, one a thread, from the first call on; else allocated for each call. */
  readonly persistent: boolean;
}

export interface ReplayOptions {
  readonly config: AllocatorConfig;
  /** By device: what segments may take; no limit where absent. */
  readonly capacityBytes?: readonly number[];
  /** Run the step once before the one that is measured, as it is when training has settled. */
  readonly warmUp: boolean;
  /** Bytes of the tensors a value consists of; one tensor where absent. Their sum is the value's bytes. */
  readonly tensorsOf?: (value: number) => readonly number[];
  readonly workspace?: LibraryWorkspace;
}

export interface AllocatorReplay {
  /** By device. Up to where memory ran out, when it did. */
  readonly devices: readonly DevicePeaks[];
  /** Set when a device was full even after its cached segments were given back: where the program ends. */
  readonly outOfMemory?: { readonly device: number; readonly entry: number; readonly isWarmUp: boolean };
  /** By device: how often all cached segments were given back to go on. */
  readonly retryCounts: readonly number[];
}

/** The forward thread, and autograd's, which also recomputes. Each has its own library handles. */
const threadCount = 2;

/**
 * Runs a schedule's allocations through a caching allocator for each device: what the simulator counts, as blocks and
 * segments. O(n log n) in allocations. The schedule must be valid (`simulate` checks that).
 */
export function replayAllocator(
  step: StepGraph,
  schedule: Schedule,
  options: ReplayOptions,
): AllocatorReplay {
  return new Replay(step, schedule, options).run();
}

/** Thrown and caught here: the device is full at this point. */
class DeviceFull {
  constructor(readonly device: number) {}
}

class Replay {
  private readonly devices: readonly DeviceReplay[];
  private readonly placement: Int16Array;
  /** By device and thread: has the thread's handle its workspace? */
  private readonly hasHandle: boolean[];
  /** By device: is there optimizer state that the warm-up has not made yet? */
  private readonly lacksState: boolean[];
  private ran = new Uint8Array(0);
  private entry = -1;
  private isWarmUp = false;

  constructor(
    private readonly step: StepGraph,
    private readonly schedule: Schedule,
    private readonly options: ReplayOptions,
  ) {
    const { config, capacityBytes } = options;
    this.devices = step.devices.map(
      (_, device) => new DeviceReplay(new CachingAllocator(config, capacityBytes?.[device]), step.valueCount),
    );
    this.placement = initialPlacement(step, schedule);
    this.hasHandle = new Array<boolean>(step.devices.length * threadCount).fill(false);
    this.lacksState = step.devices.map(() => options.warmUp);
  }

  run(): AllocatorReplay {
    const outOfMemory = this.runUntilFull();
    return {
      devices: this.devices.map((device) => device.peaks),
      outOfMemory,
      retryCounts: this.devices.map((device) => device.retryCount),
    };
  }

  private runUntilFull(): AllocatorReplay['outOfMemory'] {
    try {
      if (this.options.warmUp) {
        this.isWarmUp = true;
        this.enterStep();
        this.runStep();
        this.isWarmUp = false;
      }
      this.enterStep();
      for (const device of this.devices) device.resetPeaks();
      this.runStep();
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof DeviceFull)) throw thrown;
      return { device: thrown.device, entry: this.entry, isWarmUp: this.isWarmUp };
    }
  }

  /** Drops what the last step left behind and makes what must be there before a step begins. */
  private enterStep(): void {
    const { step, placement } = this;
    this.entry = -1;
    this.ran = new Uint8Array(step.nodeCount);
    this.devices.forEach((device, index) => {
      for (let value = 0; value < step.valueCount; value++)
        if (placement[value] !== index) device.free(value);
    });
    for (let value = 0; value < step.valueCount; value++) {
      if (placement[value] < 0 || (this.isWarmUp && this.appearsLater(value))) continue;
      this.allocate(value, placement[value]);
    }
    this.devices.forEach((device) => device.observe(-1));
  }

  /** The first update makes the optimizer's state: among what the first step's activations have left behind. */
  private appearsLater(value: number): boolean {
    return this.step.valueKind[value] === ValueKind.optimizerState;
  }

  private runStep(): void {
    const { schedule, devices } = this;
    for (let entry = 0; entry < schedule.length; entry++) {
      this.entry = entry;
      const subject = schedule.subject[entry];
      const from = schedule.from[entry];
      const to = schedule.to[entry];
      if (schedule.op[entry] === Op.compute) this.compute(subject, to);
      else if (schedule.op[entry] === Op.free) devices[from].free(subject);
      else if (to !== hostMemory) {
        this.allocate(subject, to);
        devices[to].observe(entry);
      }
    }
  }

  private compute(node: number, device: number): void {
    const { step, devices } = this;
    const isAgain = this.ran[node] === 1;
    this.ran[node] = 1;
    if (this.lacksState[device] && step.nodePhase[node] === Phase.optimizer) this.makeOptimizerState(device);
    for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++)
      this.allocate(step.outputs.items[i], device);
    const library = this.callLibrary(node, device, isAgain);
    const bytes = step.workspaceBytes[node];
    const temporary = bytes > 0 ? this.orFull(device, devices[device].allocateTemporary(bytes)) : undefined;
    devices[device].observe(this.entry);
    if (temporary) devices[device].freeTemporary(temporary);
    if (library) devices[device].freeWorkspace(library);
  }

  private makeOptimizerState(device: number): void {
    const { step, placement } = this;
    this.lacksState[device] = false;
    for (let value = 0; value < step.valueCount; value++) {
      if (placement[value] === device && this.appearsLater(value)) this.allocate(value, device);
    }
  }

  /** Returns the workspace when it lives for this call only. */
  private callLibrary(node: number, device: number, isAgain: boolean): Block | undefined {
    const { workspace } = this.options;
    if (!workspace?.callers[node] || workspace.handleBytes[device] === 0) return undefined;
    if (!workspace.persistent)
      return this.orFull(device, this.devices[device].allocateWorkspace(workspace.handleBytes[device]));
    const thread = isAgain || this.step.nodePhase[node] >= Phase.backward ? 1 : 0;
    const handle = device * threadCount + thread;
    if (!this.hasHandle[handle]) {
      this.hasHandle[handle] = true;
      this.orFull(device, this.devices[device].allocateWorkspace(workspace.handleBytes[device]));
    }
    return undefined;
  }

  /** A value that is there already (a gradient that is added to) stays where it is. */
  private allocate(value: number, device: number): void {
    if (this.devices[device].has(value)) return;
    const tensors = this.options.tensorsOf?.(value) ?? [this.step.valueBytes[value]];
    if (!this.devices[device].allocate(value, tensors)) throw new DeviceFull(device);
  }

  private orFull(device: number, block: Block | undefined): Block {
    if (!block) throw new DeviceFull(device);
    return block;
  }
}
