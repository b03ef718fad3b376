import type { Job } from '../base/job';
import { AllocationTrack } from './allocationTrack';
import { enclosing, sortedByStart } from './callTree';
import { damaged, tooMuch } from './damaged';
import { eachJsonItem } from './jsonItems';
import type { MeasuredCall, MeasuredRun } from './measuredRun';
import {
  modulePrefix,
  traceAllocation,
  traceSpan,
  type TraceAllocation,
  type TraceSpan,
} from './pytorchEvents';

/** Of a few steps of a large model there are some hundred thousand. */
const maxEvents = 4e6;
const engine = 'autograd::engine::evaluate_function: ';
const accumulation = 'AccumulateGrad';
/** The profiler marks them by names that it makes itself. */
const stepName = /^ProfilerStep#\d+$/;
const optimizerName = /^Optimizer\./;

/**
 * Reads a Chrome trace of the PyTorch profiler: outermost operators are the calls of the forward pass, functions of the autograd
 * engine those of the backward pass. A call takes the time of the kernels it launched where there are any, else its own.
 * Throws 'bad-measurements' where it records no operator.
 */
export async function readPytorchTrace(bytes: Uint8Array, file: string, job: Job): Promise<MeasuredRun> {
  const spans: TraceSpan[] = [];
  const allocations: TraceAllocation[] = [];
  const isTrace = await eachJsonItem(bytes, 'traceEvents', job, (event) => {
    const span = traceSpan(event);
    if (span) spans.push(span);
    const allocation = span ? undefined : traceAllocation(event);
    if (allocation) allocations.push(allocation);
    if (spans.length + allocations.length > maxEvents)
      throw tooMuch(`The trace has more than ${maxEvents} events`);
  });
  if (!isTrace) throw damaged('The file has no list "traceEvents"');
  if (!spans.some(({ kind }) => kind === 'operator'))
    throw damaged('The trace has no operator: ProfilerActivity.CPU was not recorded');
  await job.checkpoint();
  const track = AllocationTrack.busiest(allocations);
  const { calls, starts } = callsOf(spans, track);
  if (calls.length === 0) throw damaged('The trace has no operator of a forward or backward pass');
  return {
    file,
    source: 'pytorch-profiler',
    steps: stepsOf(calls, starts, spans),
    memory: track?.summary(starts[0]),
    allocations: track,
  };
}

interface Draft {
  readonly span: TraceSpan;
  readonly phase: MeasuredCall['phase'];
  readonly scopes: string[];
  readonly sequence: Set<number>;
  kernelUs: number;
}

function callsOf(
  spans: readonly TraceSpan[],
  track: AllocationTrack | undefined,
): { calls: MeasuredCall[]; starts: number[] } {
  const parent = enclosing(spans);
  const drafts = new Map<number, Draft>();
  /** By span: the call it is part of; -1 outside of any. */
  const callOf = new Int32Array(spans.length).fill(-1);
  /** The optimizer's update, and what gradients are added up by: no call of a layer. */
  const isOther = new Uint8Array(spans.length);
  const order = sortedByStart(spans);
  for (const i of order) {
    const span = spans[i];
    const above = parent[i];
    if (above >= 0) {
      callOf[i] = callOf[above];
      isOther[i] = isOther[above];
    }
    if (span.kind === 'annotation' && optimizerName.test(span.name)) isOther[i] = 1;
    if (span.kind !== 'operator') continue;
    if (span.name.startsWith(engine) && span.name.endsWith(accumulation)) isOther[i] = 1;
    if (isOther[i]) continue;
    if (callOf[i] < 0) {
      callOf[i] = i;
      const phase = span.name.startsWith(engine) ? 'backward' : 'forward';
      const scopes = phase === 'forward' ? scopesAround(spans, parent, i) : [];
      drafts.set(i, { span, phase, scopes, sequence: new Set(), kernelUs: 0 });
    }
    if (span.sequence !== undefined) drafts.get(callOf[i])?.sequence.add(span.sequence);
  }
  const isOnGpu = addKernels(spans, callOf, drafts);
  const made = withoutGraph(order.flatMap((i) => drafts.get(i) ?? []));
  return {
    calls: made.map((draft) => callOfDraft(draft, isOnGpu, track)),
    starts: made.map(({ span }) => span.start),
  };
}

/** Between backward functions the engine adds gradients up, outside of any: such calls record nothing for a backward pass. */
function withoutGraph(drafts: readonly Draft[]): Draft[] {
  let isBackward = false;
  return drafts.map((draft) => {
    if (draft.phase === 'backward') isBackward = true;
    else if (draft.sequence.size > 0) isBackward = false;
    return isBackward ? { ...draft, phase: 'backward' } : draft;
  });
}

/** Names of the modules and annotations around a span, outermost first. */
function scopesAround(spans: readonly TraceSpan[], parent: Int32Array, of: number): string[] {
  const scopes: string[] = [];
  for (let at = parent[of]; at >= 0; at = parent[at]) {
    const { kind, name } = spans[at];
    if (kind === 'module') scopes.push(name.slice(modulePrefix.length).replace(/_\d+$/, ''));
    else if (kind === 'annotation' && !stepName.test(name)) scopes.push(name);
  }
  return scopes.reverse();
}

/** Kernels run later than the operators that launched them: their ids lead back. Returns whether there are any. */
function addKernels(
  spans: readonly TraceSpan[],
  callOf: Int32Array,
  drafts: ReadonlyMap<number, Draft>,
): boolean {
  const callOfId = new Map<number, number>();
  spans.forEach(({ kind, externalId }, i) => {
    if (kind === 'operator' && externalId !== undefined) callOfId.set(externalId, callOf[i]);
  });
  let any = false;
  for (const { kind, externalId, start, end } of spans) {
    const draft = kind === 'kernel' ? drafts.get(callOfId.get(externalId ?? -1) ?? -1) : undefined;
    if (!draft) continue;
    draft.kernelUs += end - start;
    any = true;
  }
  return any;
}

function callOfDraft(
  { span, phase, scopes, sequence, kernelUs }: Draft,
  isOnGpu: boolean,
  track: AllocationTrack | undefined,
): MeasuredCall {
  return {
    name: span.name.startsWith(engine) ? span.name.slice(engine.length) : span.name,
    phase,
    ms: (isOnGpu ? kernelUs : span.end - span.start) / 1000,
    inputShapes: phase === 'forward' ? span.shapes : undefined,
    scopes,
    sequence: [...sequence],
    span: { start: span.start, end: span.end },
    ...track?.between(span.start, span.end),
  };
}

/** A step ends where the profiler says, or else where a forward pass follows a backward pass. */
function stepsOf(
  calls: readonly MeasuredCall[],
  starts: readonly number[],
  spans: readonly TraceSpan[],
): MeasuredCall[][] {
  const marks = spans
    .filter(({ kind, name }) => kind === 'annotation' && stepName.test(name))
    .sort((a, b) => a.start - b.start);
  if (marks.length > 0) {
    return marks
      .map(({ start, end }) => calls.filter((_, i) => starts[i] >= start && starts[i] <= end))
      .filter((step) => step.length > 0);
  }
  const steps: MeasuredCall[][] = [];
  let last: MeasuredCall['phase'] | undefined;
  for (const call of calls) {
    if (steps.length === 0 || (last === 'backward' && call.phase === 'forward')) steps.push([]);
    steps.at(-1)?.push(call);
    last = call.phase;
  }
  return steps;
}
