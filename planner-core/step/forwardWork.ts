import type { Work } from '../devices/roofline';
import type { OperatorRule, StepContext } from '../operators/rule';
import type { StepDraft } from './draft';
import { distinctBytes, productOf, rateOf, readsOnlyWhatItTakes, workClassOf } from './operatorWork';
import type { ValueId } from './stepGraph';

/** What the forward pass of one operator reads and makes, beyond its inputs as they are. */
export interface ForwardParts {
  readonly rule: OperatorRule | undefined;
  readonly context: StepContext;
  readonly macs: number;
  /** Every storage the node writes: results, converted inputs, what is kept. */
  readonly made: readonly ValueId[];
  /** Inputs that are converted first (cast or copied), with the copy the kernel reads. */
  readonly converted: ReadonlyMap<number, ValueId>;
}

/**
 * Arithmetic and memory traffic of an operator's forward pass: every input is read once and everything made is written
 * once. A converted input is read as it was, written, and read again; a cached conversion is only read.
 */
export function forwardWork(draft: StepDraft, { rule, context, macs, made, converted }: ForwardParts): Work {
  const { builder } = draft;
  const workClass = workClassOf(context, macs);
  const product = productOf(context, workClass, macs);
  let trafficBytes = made.reduce((sum, value) => sum + builder.bytesOf(value), 0);
  let conversions = 0;
  for (const value of converted.values()) {
    trafficBytes += builder.bytesOf(value);
    if (made.includes(value)) conversions++;
  }
  trafficBytes += inputReads(draft, rule, context, (input) => {
    const copy = converted.get(input);
    return copy === undefined || made.includes(copy);
  });
  return {
    workClass,
    macs,
    trafficBytes,
    rate: rateOf(context, workClass),
    products: product && [product],
    launches: 1 + conversions,
  };
}

/** Bytes of the inputs that are read on the device, each tensor once. */
function inputReads(
  draft: StepDraft,
  rule: OperatorRule | undefined,
  context: StepContext,
  isRead: (input: number) => boolean,
): number {
  const { operator } = context;
  const isNotRead = (input: number): boolean =>
    rule?.hostInputs?.includes(input) === true || rule?.shapeOnlyInputs?.includes(input) === true;
  const read = new Set<number>();
  let bytes = 0;
  operator.inputs.forEach((id, input) => {
    const tensor = draft.tensors[id];
    if (!tensor || draft.storage[id] < 0 || isNotRead(input) || !isRead(input) || read.has(id)) return;
    read.add(id);
    const whole = distinctBytes(tensor);
    if (rule?.tableInputs?.includes(input)) bytes += Math.min(whole, resultBytes(draft, context, 1));
    else bytes += input === 0 ? partRead(draft, context, whole) : whole;
  });
  return bytes;
}

function partRead(draft: StepDraft, context: StepContext, whole: number): number {
  if (readsTwice(context)) return 2 * whole;
  if (!readsOnlyWhatItTakes(context)) return whole;
  return Math.min(whole, resultBytes(draft, context));
}

/** Bytes of what an operator makes, or of the first outputs. */
const resultBytes = (draft: StepDraft, { operator }: StepContext, outputs?: number): number =>
  operator.outputs.slice(0, outputs).reduce((sum, id) => sum + (draft.tensors[id]?.bytes ?? 0), 0);

/** Statistics over more than one row need a pass of their own before the values can be normalized. */
const readsTwice = ({ operator }: StepContext): boolean =>
  operator.type === 'GroupNormalization' ||
  operator.type === 'InstanceNormalization' ||
  (operator.type === 'BatchNormalization' && operator.outputs.filter((id) => id >= 0).length > 1);
