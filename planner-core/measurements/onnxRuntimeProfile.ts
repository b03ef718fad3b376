import type { Job } from '../base/job';
import { damaged } from './damaged';
import { eachJsonItem } from './jsonItems';
import type { MeasuredCall, MeasuredRun } from './measuredRun';
import { elementsOf } from './stepCalls';

type Fields = Readonly<Record<string, unknown>>;

const runName = 'model_run';
const kernelSuffix = '_kernel_time';

/**
 * Reads a profile of ONNX Runtime: one call a node and run. Sizes are written as texts; memory in use only by recent versions. Throws
 * 'bad-measurements' where no node is timed.
 */
export async function readOnnxRuntimeProfile(
  bytes: Uint8Array,
  file: string,
  job: Job,
): Promise<MeasuredRun> {
  const timed: { start: number; call: MeasuredCall }[] = [];
  const runStarts: number[] = [];
  let startBytes: number | undefined;
  await eachJsonItem(bytes, '', job, (item) => {
    if (typeof item !== 'object' || item === null) return;
    const event = item as Fields;
    const start = Number(event.ts);
    if (event.name === runName) runStarts.push(start);
    if (event.cat !== 'Node' || typeof event.name !== 'string' || !event.name.endsWith(kernelSuffix)) return;
    const call = nodeCall(event.name, Number(event.dur), event.args as Fields);
    if (!Number.isFinite(start) || !call) return;
    startBytes ??= (call.liveBytes ?? 0) - (call.heldBytes ?? 0);
    timed.push({ start, call });
  });
  if (timed.length === 0) throw damaged('The profile times no node');
  timed.sort((a, b) => a.start - b.start);
  runStarts.sort((a, b) => a - b);
  const steps: MeasuredCall[][] = [];
  let run = -1;
  for (const { start, call } of timed) {
    const isNew = run + 1 < runStarts.length && start >= runStarts[run + 1];
    while (run + 1 < runStarts.length && start >= runStarts[run + 1]) run++;
    if (isNew || steps.length === 0) steps.push([]);
    steps[steps.length - 1].push(call);
  }
  const peakBytes = Math.max(...timed.map(({ call }) => call.liveBytes ?? 0));
  const memory = peakBytes > 0 ? { device: 'cpu', startBytes: startBytes ?? 0, peakBytes } : undefined;
  return { file, source: 'onnxruntime', steps, memory };
}

function nodeCall(name: string, us: number, args: Fields | undefined): MeasuredCall | undefined {
  if (!Number.isFinite(us) || us < 0) return undefined;
  return {
    name: name.slice(0, -kernelSuffix.length),
    type: typeof args?.op_name === 'string' ? args.op_name : undefined,
    phase: 'forward',
    ms: us / 1000,
    inputShapes: shapesOf(args?.input_type_shape),
    outputElements: shapesOf(args?.output_type_shape)?.map(elementsOf).at(0),
    heldBytes: sizeOf(args?.output_size),
    liveBytes: sizeOf(args?.mem_in_use_peak) ?? sizeOf(args?.mem_bytes_in_use),
  };
}

const sizeOf = (text: unknown): number | undefined =>
  typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : undefined;

/** `[{"float": [1, 3]}, …]`: the type is the key. */
function shapesOf(value: unknown): number[][] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((entry: unknown) =>
    typeof entry === 'object' && entry !== null
      ? Object.values(entry).filter(
          (shape): shape is number[] =>
            Array.isArray(shape) && shape.every(Number.isSafeInteger) && shape.length > 0,
        )
      : [],
  );
}
