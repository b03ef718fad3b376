import type { WorkClass } from '../devices/efficiency';
import type { MatrixProduct } from '../devices/matrixProduct';
import type { Work } from '../devices/roofline';
import type { ForwardRecord, StepDraft } from './draft';
import {
  distinctBytes,
  gradientProducts,
  productOf,
  rateOf,
  readsOnlyWhatItTakes,
  workClassOf,
} from './operatorWork';
import type { ValueId } from './stepGraph';

/** What the backward pass of one operator gets and makes. */
export interface BackwardParts {
  /** Gradients of the operator's outputs. */
  readonly incoming: readonly ValueId[];
  /** Gradients that get a storage here. */
  readonly outputs: readonly ValueId[];
  /** Gradients that are added to in place. */
  readonly updates: readonly ValueId[];
}

/**
 * Flash attention recomputes the scores: five products where the forward pass has two (Dao 2023, arXiv 2307.08691).
 * The composed form, like every product, takes one more for each operand.
 */
const fusedAttentionProducts = 2.5;

/**
 * Arithmetic and memory traffic of an operator's backward pass. Eager PyTorch runs one kernel for the gradient of each
 * operand, each reading the incoming gradient; fused kernels (normalization, attention, recurrence) do with fewer. A
 * product takes one product for each operand whose gradient is wanted: the first layer of a model has no gradient of its
 * input. Adding in place reads the contribution and the sum and writes the sum.
 */
export function backwardWork(
  draft: StepDraft,
  record: ForwardRecord,
  { incoming, outputs, updates }: BackwardParts,
): Work {
  const { builder } = draft;
  const { context, macs } = record;
  const bytesOf = (values: readonly ValueId[]): number =>
    values.reduce((sum, value) => sum + builder.bytesOf(value), 0);
  const workClass = workClassOf(context, macs);
  const products = wantedProducts(draft, record, workClass);
  const gradients = outputs.length + updates.length;
  const kernels = fusedKernels(workClass) ?? Math.max(gradients, 1);
  const gradientBytes = incomingBytes(draft, record, incoming);
  const savedPasses = workClass === 'normalization' && gradients > 1 ? 2 : 1;
  // Only handing on: the incoming gradient is the contribution, and is not written again before it is added.
  const addedPasses = record.rule?.passesGradient ? 2 : 4;
  const scattered = readsOnlyWhatItTakes(context) ? 2 * gradientBytes : 0;
  return {
    workClass,
    macs:
      products?.reduce((sum, p) => sum + p.rows * p.columns * p.inner * p.batch, 0) ??
      macs * fusedFactor(draft, record, workClass),
    trafficBytes:
      gradientBytes * kernels +
      savedReads(draft, record) * savedPasses +
      bytesOf(outputs) +
      addedPasses * bytesOf(updates) +
      scattered,
    rate: rateOf(context, workClass),
    products,
    launches: kernels + updates.length,
  };
}

/** Kernels of classes whose backward pass is fused; undefined: one for each gradient. */
function fusedKernels(workClass: WorkClass): number | undefined {
  switch (workClass) {
    case 'attention':
      return 1;
    case 'normalization':
    case 'recurrent':
      return 2;
    default:
      return undefined;
  }
}

/** The products of a matrix product's or convolution's backward pass; undefined where the forward pass is none. */
function wantedProducts(
  draft: StepDraft,
  record: ForwardRecord,
  workClass: WorkClass,
): readonly MatrixProduct[] | undefined {
  const product = productOf(record.context, workClass, record.macs);
  if (!product) return undefined;
  const { left, right } = gradientProducts(product);
  return [...(isWanted(draft, record, 0) ? [left] : []), ...(isWanted(draft, record, 1) ? [right] : [])];
}

/** Arithmetic of the backward pass in multiples of the forward pass, where it is not made of known products. */
function fusedFactor(draft: StepDraft, record: ForwardRecord, workClass: WorkClass): number {
  if (workClass === 'attention' && record.context.attention !== 'math') return fusedAttentionProducts;
  // The gradient of the hidden state is needed whether or not that of the input is.
  if (workClass === 'recurrent') return 2;
  return [0, 1].filter((input) => isWanted(draft, record, input)).length;
}

function isWanted(draft: StepDraft, { context, rule }: ForwardRecord, input: number): boolean {
  const id = context.operator.inputs[input] ?? -1;
  return id >= 0 && draft.gradientNeeded[id] === 1 && !rule?.nonDifferentiableInputs?.includes(input);
}

/** A gradient may be one number seen under the output's shape, or a larger buffer of which this operator has a part. */
function incomingBytes(draft: StepDraft, record: ForwardRecord, incoming: readonly ValueId[]): number {
  const outputs = record.context.operator.outputs.reduce(
    (sum, id) => sum + (draft.gradientNeeded[id] ? (draft.tensors[id]?.bytes ?? 0) : 0),
    0,
  );
  const bytes = incoming.reduce((sum, value) => sum + draft.builder.bytesOf(value), 0);
  return Math.min(bytes, outputs || bytes);
}

/** Bytes read of what was kept: of a storage the operator sees parts of, those parts. */
function savedReads(draft: StepDraft, { context: { operator }, saved }: ForwardRecord): number {
  return saved.reduce((sum, value) => {
    const whole = draft.builder.bytesOf(value);
    let read: number | undefined;
    const addPart = (id: number, position: number, ids: readonly number[]): void => {
      const tensor = draft.tensors[id];
      if (draft.storage[id] !== value || !tensor || ids.indexOf(id) < position) return;
      read = (read ?? 0) + distinctBytes(tensor);
    };
    operator.inputs.forEach(addPart);
    operator.outputs.forEach(addPart);
    return sum + Math.min(read ?? whole, whole);
  }, 0);
}
