import type { DeviceMemory } from '../plan/deviceMemory';
import type { PlanDevice } from '../plan/plan';
import { eachDevice } from '../devices/machine';
import { architectureOf, cudaContext } from '../devices/architecture';
import type { DevicePeaks } from '../simulator/allocator/deviceReplay';
import { replayAllocator, type AllocatorReplay } from '../simulator/allocator/replayAllocator';
import { compileSchedule } from '../simulator/compileSchedule';
import type { Directives, Schedule } from '../simulator/schedule';
import { inTimeOrder } from '../simulator/timing';
import type { Workload } from '../step/workload';
import { allocatorConfigOf, type AllocatorSettings } from './allocatorSettings';
import { libraryWorkspaceOf, usesCudnn } from './libraryCalls';
import { momentAt, type Moment } from './moment';
import { stateTensors } from './stateTensors';
import type { StepState } from './stepState';

/** A part of what a device shows as used, at the moment its blocks are at their peak. */
export interface MemoryPart {
  readonly label: string;
  readonly bytes: number;
  readonly meaning: string;
}

/** The memory of one CUDA device over a step, as PyTorch and the driver count it, once training has settled. */
export interface AllocatorView extends DeviceMemory {
  readonly allocator: AllocatorSettings['allocator'];
  /** cuBLAS workspaces within `allocatedPeakBytes`. */
  readonly workspaceBytes: number;
  /** Adds up to `totalBytes`. */
  readonly breakdown: readonly MemoryPart[];
  /** What runs when each peak is reached first; phase 'start' for what is there before the step. */
  readonly peaks: Readonly<Record<'requested' | 'allocated' | 'reserved', Moment>>;
  /** Where memory runs out, in the first step or in one after it; absent where another device runs out before. */
  readonly outOfMemory?: Moment & { readonly step: 'first' | 'later' };
  /** Memory that is not in these numbers because nothing says how much it is. */
  readonly unknown: readonly string[];
}

/**
 * Replays the step through the caching allocator, one for each device that has one; a device whose memory is exceeded
 * is replayed again within it, to see whether giving back cached segments saves it. Empty under CPU semantics.
 */
export function allocatorViews(
  state: StepState,
  inputs: { readonly workload: Workload; readonly devices: readonly PlanDevice[] },
  directives: Directives,
  settings: AllocatorSettings,
): AllocatorView[] {
  const { workload } = inputs;
  const devices = eachDevice(inputs.devices);
  const architectures = devices.map(({ name }) => architectureOf(name));
  if (workload.semantics !== 'cuda' || architectures.every((known) => !known)) return [];
  const { graph, built } = state;
  const { step } = built;
  const schedule = inTimeOrder(step, compileSchedule(step, directives));
  const options = {
    config: allocatorConfigOf(settings),
    warmUp: workload.stepKind === 'steady',
    tensorsOf: stateTensors(step, workload, graph.producer),
    workspace: libraryWorkspaceOf(state, architectures, settings),
  };
  const contextBytes = architectures.map((known) => (known?.software === 'cuda' ? settings.contextBytes : 0));
  const capacityBytes = devices.map(({ memoryBytes }, i) =>
    architectures[i] ? memoryBytes - contextBytes[i] : Infinity,
  );
  const free = replayAllocator(step, schedule, options);
  const isExceeded = free.devices.some(({ reserved }, i) => reserved.bytes > capacityBytes[i]);
  const limited = isExceeded ? replayAllocator(step, schedule, { ...options, capacityBytes }) : undefined;
  const survives = limited && !limited.outOfMemory;

  // Replicas run what the device of their stage does.
  const homes = devices.map((_, i) => i);
  directives.replicas?.forEach((others, home) => others.forEach((replica) => (homes[replica] = home)));
  return devices.flatMap((device, i): AllocatorView[] => {
    const architecture = architectures[i];
    if (!architecture) return [];
    const home = homes[i];
    const peaks = (survives ? limited : free).devices[home];
    const place = ({ entry }: { readonly entry: number }): Moment =>
      entry < 0 ? { phase: 'start', node: '', module: '' } : momentAt(graph, step, schedule, entry);
    return [
      {
        device: device.id,
        name: device.name,
        memoryBytes: device.memoryBytes,
        allocator: settings.allocator,
        requestedPeakBytes: peaks.requested.bytes,
        allocatedPeakBytes: peaks.allocated.bytes,
        reservedPeakBytes: peaks.reserved.bytes,
        contextBytes: contextBytes[i],
        contextToleranceBytes: contextBytes[i] > 0 ? cudaContext.toleranceBytes : 0,
        workspaceBytes: peaks.workspaceThereBytes,
        totalBytes: peaks.reserved.bytes + contextBytes[i],
        breakdown: breakdownOf(peaks, contextBytes[i]),
        peaks: {
          requested: place(peaks.requested),
          allocated: place(peaks.allocated),
          reserved: place(peaks.reserved),
        },
        ...fitOf(state, schedule, limited, home, free.devices[home].reserved.bytes > capacityBytes[i]),
        unknown: [
          ...(usesCudnn(graph) ? [unknownCudnn] : []),
          ...(architecture.software === 'rocm' ? [unknownHipContext] : []),
        ],
      },
    ];
  });
}

const unknownCudnn = 'cuDNN workspaces: cuDNN chooses them while it runs, from nothing to some GiB';
const unknownHipContext = 'the HIP context of the process';

function fitOf(
  { graph, built: { step } }: StepState,
  schedule: Schedule,
  limited: AllocatorReplay | undefined,
  device: number,
  isExceeded: boolean,
): Pick<AllocatorView, 'fit' | 'outOfMemory'> {
  const end = limited?.outOfMemory;
  if (end?.device === device) {
    const outOfMemory = {
      ...momentAt(graph, step, schedule, end.entry),
      step: end.isWarmUp ? 'first' : 'later',
    } as const;
    return { fit: 'out-of-memory', outOfMemory };
  }
  // Another device stopped the step: what giving back here would have done is not known.
  if (end && isExceeded) return { fit: 'out-of-memory' };
  return { fit: limited && limited.retryCounts[device] > 0 ? 'fits-after-retries' : 'fits' };
}

function breakdownOf(peaks: DevicePeaks, contextBytes: number): MemoryPart[] {
  const { requestedThereBytes: tensors, workspaceThereBytes: workspaces, allocated, reserved } = peaks;
  const parts = [
    { label: 'tensors', bytes: tensors, meaning: 'requested bytes of the tensors alive' },
    {
      label: 'rounding',
      bytes: allocated.bytes - tensors - workspaces,
      meaning: 'blocks are multiples of 512 B, and rests up to 1 MiB are not split off',
    },
    {
      label: 'cuBLAS workspaces',
      bytes: workspaces,
      meaning: 'of the handles of the forward and the backward thread',
    },
    {
      label: 'cached',
      bytes: reserved.bytes - allocated.bytes,
      meaning: 'free parts of segments that PyTorch holds: torch.cuda.empty_cache returns whole ones',
    },
    {
      label: 'CUDA context',
      bytes: contextBytes,
      meaning: 'driver, libraries and kernels: outside of torch',
    },
  ];
  return parts.filter(({ bytes }) => bytes > 0);
}
