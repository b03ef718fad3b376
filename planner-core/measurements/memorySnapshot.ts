import type { Job } from '../base/job';
import { damaged } from './damaged';
import type { MeasuredRun } from './measuredRun';
import { readPickle, type PickleValue } from './pickle';

type Dictionary = ReadonlyMap<PickleValue, PickleValue>;

/** Changes of what is allocated, and of what is held from the driver, by the actions of a trace (torch.cuda.memory._snapshot). */
const allocated: Readonly<Record<string, 1 | -1>> = { alloc: 1, free_completed: -1, free: -1 };
const reserved: Readonly<Record<string, 1 | -1>> = {
  segment_alloc: 1,
  segment_map: 1,
  segment_free: -1,
  segment_unmap: -1,
};

/**
 * Reads a snapshot of torch.cuda.memory: what is allocated now is in its segments, and the history, walked back from there, says
 * what was before. Of several devices the one with the highest peak counts. Throws 'bad-measurements'.
 */
export async function readMemorySnapshot(bytes: Uint8Array, file: string, job: Job): Promise<MeasuredRun> {
  const root = await readPickle(bytes, job);
  if (!(root instanceof Map) || !Array.isArray(root.get('segments')))
    throw damaged('The pickle is no snapshot of torch.cuda.memory: it has no list "segments"');
  const segments = dictionaries(root.get('segments'));
  const traces = root.get('device_traces');
  const deviceCount = Array.isArray(traces) ? Math.max(1, traces.length) : 1;
  let best: { device: number; track: Track } | undefined;
  for (let device = 0; device < deviceCount; device++) {
    await job.checkpoint();
    const own = segments.filter((segment) => numberOf(segment.get('device') ?? 0) === device);
    const track = trackOf(own, dictionaries(Array.isArray(traces) ? traces[device] : []));
    if (!best || track.peakBytes > best.track.peakBytes) best = { device, track };
  }
  if (!best || best.track.peakBytes === 0) throw damaged('The snapshot holds no allocation');
  return {
    file,
    source: 'memory-snapshot',
    steps: [],
    memory: { device: `cuda${best.device}`, ...best.track },
  };
}

interface Track {
  readonly startBytes: number;
  readonly peakBytes: number;
  readonly reservedBytes: number;
}

function trackOf(segments: readonly Dictionary[], history: readonly Dictionary[]): Track {
  let live = 0;
  let held = 0;
  for (const segment of segments) {
    held += numberOf(segment.get('total_size'));
    for (const block of dictionaries(segment.get('blocks'))) {
      // A history tells requested sizes, a block its rounded one beside.
      if (block.get('state') === 'active_allocated')
        live += numberOf(block.get('requested_size') ?? block.get('size'));
    }
  }
  let [peakBytes, reservedBytes] = [live, held];
  for (let i = history.length - 1; i >= 0; i--) {
    const action = String(history[i].get('action'));
    const size = numberOf(history[i].get('size'));
    live -= (allocated[action] ?? 0) * size;
    held -= (reserved[action] ?? 0) * size;
    peakBytes = Math.max(peakBytes, live);
    reservedBytes = Math.max(reservedBytes, held);
  }
  return { startBytes: Math.max(0, live), peakBytes, reservedBytes };
}

function dictionaries(value: PickleValue | undefined): Dictionary[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every((item) => item instanceof Map))
    throw damaged('The snapshot has something else where a list of dictionaries belongs');
  return value as unknown as Dictionary[];
}

function numberOf(value: PickleValue | undefined): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number))
    throw damaged('The snapshot has something else where a size belongs');
  return number;
}
