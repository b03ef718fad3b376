import { add, ceilDivide, floorDivide, multiply, subtract, type Dim } from '../graph/dim';
import type { Shape } from '../graph/modelGraph';
import { smaller } from './dims';
import { badAttribute, mismatch } from './inferenceProblem';
import type { InferenceContext } from './rule';

/** How a window slides over the spatial axes of convolutions and pooling, one entry an axis. */
export interface Window {
  readonly kernel: Shape;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** All begins, then all ends. */
  readonly pads: readonly number[];
  readonly autoPad: string;
  readonly ceilMode: boolean;
}

const autoPads = ['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'];

/** Reads the window attributes ONNX gives convolutions and pooling alike. */
export function windowOf(context: InferenceContext, kernel: Shape): Window {
  const rank = kernel.length;
  const list = (name: string, length: number, fallback: number): readonly number[] => {
    const values = context.ints(name);
    if (!values) return new Array<number>(length).fill(fallback);
    if (values.length !== length) throw badAttribute(`${name} has ${values.length} entries, not ${length}.`);
    return values;
  };
  const strides = list('strides', rank, 1);
  const dilations = list('dilations', rank, 1);
  if ([...strides, ...dilations].some((step) => step < 1)) {
    throw badAttribute('strides and dilations must be positive.');
  }
  const autoPad = context.string('auto_pad') ?? 'NOTSET';
  if (!autoPads.includes(autoPad)) throw badAttribute(`auto_pad is "${autoPad}".`);
  if (kernel.some((size) => typeof size === 'number' && size < 1)) {
    throw badAttribute('kernel_shape must be positive.');
  }
  return {
    kernel,
    strides,
    dilations,
    pads: list('pads', 2 * rank, 0),
    autoPad,
    ceilMode: context.int('ceil_mode', 0) !== 0,
  };
}

/** Extent of a dilated kernel. */
const extent = (window: Window, axis: number): Dim =>
  add(multiply(subtract(window.kernel[axis], 1), window.dilations[axis]), 1);

/** Output sizes of convolution and pooling. Source: ONNX Conv and MaxPool; ceil mode as PyTorch rounds it. */
export function slidingSizes(spatial: Shape, window: Window): Shape {
  checkRank(spatial, window);
  return spatial.map((size, axis) => {
    const stride = window.strides[axis];
    if (window.autoPad.startsWith('SAME')) return ceilDivide(size, stride);
    const padded =
      window.autoPad === 'VALID' ? [0, 0] : [window.pads[axis], window.pads[axis + spatial.length]];
    const room = subtract(add(size, padded[0] + padded[1]), extent(window, axis));
    if (typeof room === 'number' && room < 0) {
      throw mismatch(
        `A window of ${extent(window, axis)} does not fit into ${size} elements with their padding.`,
      );
    }
    if (!window.ceilMode) return add(floorDivide(room, stride), 1);
    // A window that would start in the padding behind the input is left out.
    const lastStart = floorDivide(add(size, padded[0] - 1), stride);
    return add(smaller(ceilDivide(room, stride), lastStart), 1);
  });
}

/** Output sizes of a transposed convolution, or of undoing a pooling. */
export function transposedSizes(spatial: Shape, window: Window, outputPadding: readonly number[]): Shape {
  checkRank(spatial, window);
  return spatial.map((size, axis) => {
    const stride = window.strides[axis];
    const reach = add(multiply(subtract(size, 1), stride), extent(window, axis));
    const full = add(reach, outputPadding[axis] ?? 0);
    // Padding is never negative: a kernel smaller than its stride leaves less.
    if (window.autoPad.startsWith('SAME')) return smaller(multiply(size, stride), full);
    const pads = window.autoPad === 'VALID' ? 0 : window.pads[axis] + window.pads[axis + spatial.length];
    return subtract(full, pads);
  });
}

function checkRank(spatial: Shape, { kernel }: Window): void {
  if (spatial.length !== kernel.length) {
    throw mismatch(`A kernel over ${kernel.length} axes does not fit ${spatial.length} spatial axes.`);
  }
}
