import type { WorkClass } from '../devices/efficiency';
import type { MatrixProduct } from '../devices/matrixProduct';
import { workClassOfType } from '../devices/operatorClass';
import type { Rate } from '../devices/roofline';
import type { ConcreteTensor, StepContext } from '../operators/rule';

/** Which kernels an operator runs: decides the share of a device's peaks that it reaches. */
export function workClassOf(context: StepContext, macs: number): WorkClass {
  const workClass = workClassOfType(context.operator.type, macs);
  return workClass === 'convolution' ? convolutionClass(context) : workClass;
}

function convolutionClass(context: StepContext): WorkClass {
  const channels = context.input(0)?.shape[1] ?? 0;
  const kernel = context.input(1)?.shape.slice(2) ?? [];
  const groups = context.int('group', 1);
  if (groups > 1 && groups === channels) return 'depthwise-convolution';
  if (kernel.every((size) => size === 1)) return 'pointwise-convolution';
  return groups === 1 && channels <= 4 ? 'first-convolution' : 'convolution';
}

/**
 * Which compute peak applies. cuDNN uses TF32 for fp32 convolutions and recurrent layers by default, cuBLAS does not
 * (torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32); depthwise kernels use no tensor cores.
 */
export function rateOf(context: StepContext, workClass: WorkClass): Rate {
  if (workClass === 'depthwise-convolution') return 'fp32';
  const type = context.output(0)?.dtype ?? 'float32';
  if (type === 'bfloat16') return 'bf16';
  if (type === 'float16') return 'fp16';
  if (type.startsWith('float8')) return 'fp8';
  return workClass.endsWith('convolution') || workClass === 'recurrent' ? 'tf32' : 'fp32';
}

/**
 * The matrix product an operator computes, convolutions as cuDNN's implicit product (pixels × channels); undefined where
 * there is none, or where it is fused with others. The leading axes of an operand times a matrix are rows.
 */
export function productOf(
  context: StepContext,
  workClass: WorkClass,
  macs: number,
): MatrixProduct | undefined {
  const output = context.output(0);
  const weight = context.input(1);
  if (!output || output.elements === 0 || macs === 0) return undefined;
  const { shape, elements } = output;
  switch (workClass) {
    case 'gemm': {
      const columns = shape.at(-1) ?? 1;
      const rows = (weight?.shape.length ?? 0) > 2 ? (shape.at(-2) ?? 1) : elements / columns;
      return { rows, columns, inner: macs / elements, batch: elements / (rows * columns) };
    }
    case 'convolution':
    case 'pointwise-convolution':
    case 'first-convolution': {
      const batch = context.int('group', 1);
      const channels = shape[1] ?? 1;
      return { rows: elements / channels, columns: channels / batch, inner: macs / elements, batch };
    }
    default:
      return undefined;
  }
}

/** The products that the gradients of a product's operands take: of the left one, and of the right one (the weight). */
export const gradientProducts = ({ rows, columns, inner, batch }: MatrixProduct) => ({
  left: { rows, columns: inner, inner: columns, batch },
  right: { rows: inner, columns, inner: rows, batch },
});

/** Bytes of a tensor that lie in memory: an expanded axis (stride 0) repeats what is read once. */
export function distinctBytes({ bytes, shape, strides }: ConcreteTensor): number {
  if (!strides || bytes === 0) return bytes;
  return shape.reduce((rest, size, axis) => (strides[axis] === 0 && size > 1 ? rest / size : rest), bytes);
}

/** Operators that read of their first input only what they take: rows of a table, a window. */
const takesPart = ['Gather', 'GatherElements', 'GatherND', 'Slice', 'Split'];

export const readsOnlyWhatItTakes = ({ operator }: StepContext): boolean => takesPart.includes(operator.type);
