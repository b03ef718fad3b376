import { bytesOf } from '../graph/dtype';
import { span } from './parts';
import type { ConcreteTensor, StepContext } from './rule';

/** A convolution of fewer input numbers than this, of one image, is not worth oneDNN's layout changes to PyTorch. */
const fewestForOneDnn = 20480;

/** oneDNN's first-layer kernels read images of up to three channels as they are. */
const mostPlainChannels = 3;

/**
 * What a convolution on the CPU takes from PyTorch's allocator only while it runs. On CUDA it is cuDNN's workspace, which
 * depends on the algorithm it picks and is not modelled: 0.
 *
 * oneDNN computes on blocked layouts: it copies source and weight, and when it has dropped these copies, the result back
 * to the plain layout. PyTorch's own kernel (small inputs) unfolds the input into columns. 1x1 kernels without stride
 * need neither, as one thread runs them. An input with channels last stays as it is; then the weight is copied to that
 * layout first. Source: use_mkldnn and _convolution in aten/src/ATen/native/Convolution.cpp,
 * mkldnn/Conv.cpp, NaiveConvolution; the oneDNN engine allocates from PyTorch (mkldnn/IDeepRegistration.cpp).
 */
export function convolutionWorkspace(context: StepContext): number {
  const [x, weight, y] = [context.input(0), context.input(1), context.output(0)];
  if (context.semantics !== 'cpu' || !x || !weight || !y) return 0;
  const groups = context.int('group', 1);
  const kernel = weight.shape.slice(2);
  const isLast = isChannelsLast(x);
  const weightCopy = isLast ? weight.elements : 0;
  const isPointwise = kernel.every((size) => size === 1) && !hasStride(context);
  if (isPointwise && x.shape[0] < 16) return 0;
  if (!runsInOneDnn(x, kernel, groups)) {
    return bytesOf(y.dtype, x.shape[0] * span(weight, 1) * span(y, 2) + weightCopy);
  }
  if (isLast) return bytesOf(y.dtype, weight.elements + weightCopy);
  const source = x.shape[1] > mostPlainChannels ? bytesOf(y.dtype, x.elements) : 0;
  return Math.max(source + bytesOf(y.dtype, weight.elements), y.bytes);
}

/** Columns of one image: what every input position spreads to the outputs. */
export function transposedWorkspace(context: StepContext): number {
  const [x, weight] = [context.input(0), context.input(1)];
  if (context.semantics !== 'cpu' || !x || !weight) return 0;
  return bytesOf(x.dtype, span(weight, 1) * span(x, 2));
}

function runsInOneDnn(x: ConcreteTensor, kernel: readonly number[], groups: number): boolean {
  const isLargeKernel = kernel.slice(-2).every((size) => size > 3);
  return groups > 1 || isLargeKernel || x.shape[0] > 1 || x.elements > fewestForOneDnn;
}

/** The layout of a convolution's input after a permute from [batch, height, width, channels]. */
const isChannelsLast = ({ shape, strides }: ConcreteTensor): boolean =>
  shape.length === 4 &&
  shape[1] > 1 &&
  strides?.[1] === 1 &&
  strides[3] === shape[1] &&
  shape[2] * shape[3] > 1;

const hasStride = (context: StepContext): boolean =>
  context.ints('strides')?.some((stride) => stride !== 1) ?? false;
