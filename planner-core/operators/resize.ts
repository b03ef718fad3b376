import { floorDivide, multiply, type Dim } from '../graph/dim';
import type { Shape } from '../graph/modelGraph';
import { axesOf } from './dims';
import { folded, numbersOf } from './folding';
import { badAttribute, mismatch } from './inferenceProblem';
import { hasInput, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, TensorFacts } from './rule';

/** floor(size * scale), computed in single precision as runtimes do. */
function scaled(context: InferenceContext, size: Dim, scale: number): Dim {
  if (typeof size === 'number') return Math.floor(Math.fround(size * Math.fround(scale)));
  if (Number.isInteger(scale)) return multiply(size, scale);
  return Number.isInteger(1 / scale) ? floorDivide(size, 1 / scale) : context.freshDim('size');
}

/** Sizes that keep the aspect ratio: one scale for all axes, the smallest or the largest wanted. */
function keepingRatio(
  shape: Shape,
  axes: readonly number[],
  sizes: readonly Dim[],
  policy: string,
): readonly Dim[] | undefined {
  const ratios = axes.map((axis, i) => Number(sizes[i]) / Number(shape[axis]));
  if (ratios.some((ratio) => !Number.isFinite(ratio))) return undefined;
  const scale = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  return axes.map((axis) => Math.round(Number(shape[axis]) * scale));
}

/** New sizes of the resized axes, in the order of `axes`. */
function resized(
  context: InferenceContext,
  shape: Shape,
  axes: readonly number[],
): readonly Dim[] | undefined {
  const sizesIndex = 3;
  if (hasInput(context, sizesIndex)) {
    const sizes = folded(context.input(sizesIndex))?.elements;
    // Opset 11 needs scales, opset 13 one of both; exporters leave the other one empty.
    const isEmpty = sizes?.length === 0 && axes.length > 0;
    if (!sizes) return undefined;
    if (isEmpty) return scaledSizes(context, shape, axes);
    const policy = context.string('keep_aspect_ratio_policy') ?? 'stretch';
    if (sizes.length !== axes.length) throw mismatch(`${sizes.length} sizes for ${axes.length} axes.`);
    if (!policies.includes(policy)) throw badAttribute(`keep_aspect_ratio_policy is "${policy}".`);
    return policy === 'stretch' ? sizes : keepingRatio(shape, axes, sizes, policy);
  }
  return scaledSizes(context, shape, axes);
}

const policies = ['stretch', 'not_larger', 'not_smaller'];

function scaledSizes(
  context: InferenceContext,
  shape: Shape,
  axes: readonly number[],
): readonly Dim[] | undefined {
  // Since opset 11 scales come third, after the region of interest.
  const scales = numbersOf(context.input(hasRoi(context) ? 2 : 1)) ?? scalesAttribute(context);
  if (!scales) return undefined;
  if (scales.length !== axes.length) throw mismatch(`${scales.length} scales for ${axes.length} axes.`);
  return axes.map((axis, i) => scaled(context, shape[axis], scales[i]));
}

const hasRoi = ({ operator, opset }: InferenceContext): boolean =>
  operator.inputs.length > 2 || (operator.type === 'Resize' && opset >= 11);

/** Upsample before opset 9: a list, or in opset 1 one scale for rows and one for columns. */
function scalesAttribute(context: InferenceContext): readonly number[] | undefined {
  if (!context.attribute('height_scale')) return context.floats('scales');
  return [1, 1, context.float('height_scale', 1), context.float('width_scale', 1)];
}

/** Interpolation keeps sizes only. In fp32 under autocast (upsample_* in PyTorch's list). */
const resize: OperatorRule = {
  autocast: 'float',
  hostInputs: [1, 2, 3],
  nonDifferentiableInputs: [1, 2, 3],
  infer(context) {
    const x = context.input(0);
    if (!x?.shape) return [x && { dtype: x.dtype }];
    const { shape } = x;
    const axes = axesOf(context.ints('axes') ?? shape.map((_, axis) => axis), shape.length);
    const sizes = resized(context, shape, axes);
    if (!sizes) {
      const open = shape.map((dim, axis) => (axes.includes(axis) ? context.freshDim('size') : dim));
      return [{ dtype: x.dtype, shape: open }];
    }
    const result = [...shape];
    axes.forEach((axis, i) => (result[axis] = sizes[i]));
    return [{ dtype: x.dtype, shape: result }];
  },
};

/** Samples at given positions; both operands have gradients. */
const GridSample: OperatorRule = {
  infer(context) {
    const x = context.input(0);
    const grid = context.input(1)?.shape;
    if (!x?.shape || !grid) return [x && { dtype: x.dtype }];
    if (grid.length !== x.shape.length) throw mismatch(`Ranks ${x.shape.length} and ${grid.length} differ.`);
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...grid.slice(1, -1)] }];
  },
  saves: () => ({ inputs: [0, 1] }),
};

/** Pixels of a file's bytes, [height, width, channels]: how many, only the file says. */
const ImageDecoder: OperatorRule = {
  differentiable: false,
  infer(context): (TensorFacts | undefined)[] {
    const format = context.string('pixel_format') ?? 'RGB';
    if (!['RGB', 'BGR', 'Grayscale'].includes(format)) throw badAttribute(`pixel_format is "${format}".`);
    const channels = format === 'Grayscale' ? 1 : 3;
    return [{ dtype: 'uint8', shape: [context.freshDim('height'), context.freshDim('width'), channels] }];
  },
};

/** Decoding, interpolation and sampling of images. */
export const resizeRules: RuleTable = { Resize: resize, Upsample: resize, GridSample, ImageDecoder };
