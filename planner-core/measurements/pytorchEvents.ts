import type { Interval } from './callTree';

/** An event of the PyTorch profiler that lasts. Times are microseconds. */
export interface TraceSpan extends Interval {
  readonly kind: 'operator' | 'module' | 'annotation' | 'kernel';
  readonly name: string;
  readonly shapes?: readonly (readonly number[])[];
  readonly sequence?: number;
  /** What a kernel was launched by, and what an operator is known as there. */
  readonly externalId?: number;
}

/** One allocation (positive) or release (negative). */
export interface TraceAllocation {
  readonly at: number;
  readonly device: string;
  readonly bytes: number;
  /** Where; absent in traces of old versions. */
  readonly address?: number;
  /** Allocated on the device afterwards. */
  readonly totalBytes: number;
  readonly reservedBytes: number;
}

export const modulePrefix = 'nn.Module: ';

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
const finite = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** The span that an event of a Chrome trace stands for; undefined for events that are not needed. */
export function traceSpan(value: unknown): TraceSpan | undefined {
  const event = fields(value);
  const kind = event && spanKind(event);
  if (!event || !kind) return undefined;
  const start = finite(event.ts);
  const duration = finite(event.dur);
  if (start === undefined || duration === undefined || duration < 0) return undefined;
  const args = fields(event.args) ?? {};
  return {
    kind,
    name: String(event.name),
    thread: `${String(event.pid)} ${String(event.tid)}`,
    start,
    end: start + duration,
    shapes: shapesOf(args['Input Dims']),
    sequence: finite(args['Sequence number']),
    externalId: finite(args['External id']),
  };
}

function spanKind({ ph, cat, name }: Fields): TraceSpan['kind'] | undefined {
  if (ph !== 'X' || typeof name !== 'string') return undefined;
  switch (cat) {
    case 'cpu_op':
      return 'operator';
    case 'python_function':
      return name.startsWith(modulePrefix) ? 'module' : undefined;
    case 'user_annotation':
      return 'annotation';
    case 'kernel':
    case 'gpu_memcpy':
    case 'gpu_memset':
      return 'kernel';
    default:
      return undefined;
  }
}

/** Shapes of tensor arguments; scalars and what is no tensor are written as []. */
function shapesOf(value: unknown): number[][] | undefined {
  if (!Array.isArray(value)) return undefined;
  const isShape = (item: unknown): item is number[] =>
    Array.isArray(item) && item.length > 0 && item.every((size) => Number.isSafeInteger(size));
  // Lists of tensors are lists of shapes.
  return value.flatMap((item: unknown): number[][] =>
    isShape(item) ? [item] : Array.isArray(item) ? item.filter(isShape) : [],
  );
}

const deviceTypes: Readonly<Record<number, string>> = { 0: 'cpu', 1: 'cuda', 20: 'privateuseone' };

/** The allocation that a `[memory]` event stands for. */
export function traceAllocation(value: unknown): TraceAllocation | undefined {
  const event = fields(value);
  const args = event?.name === '[memory]' ? fields(event.args) : undefined;
  if (!event || !args) return undefined;
  const at = finite(event.ts);
  const bytes = finite(args.Bytes);
  const totalBytes = finite(args['Total Allocated']);
  const type = finite(args['Device Type']);
  if (at === undefined || bytes === undefined || totalBytes === undefined || type === undefined)
    return undefined;
  const id = finite(args['Device Id']) ?? -1;
  const device = `${deviceTypes[type] ?? `device${type}`}${id >= 0 ? id : ''}`;
  const address = finite(args.Addr);
  const reservedBytes = finite(args['Total Reserved']) ?? 0;
  return { at, device, bytes, totalBytes, reservedBytes, ...(address === undefined ? {} : { address }) };
}
