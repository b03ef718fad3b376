import { add, floorDivide, multiply, subtract } from '../graph/dim';
import { axisOf } from './dims';
import { mismatch } from './inferenceProblem';
import { freshShape, hasInput, scalarFrom, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule } from './rule';

/** The last axis holds real and imaginary part. One-sided: only the frequencies a real signal needs. */
const DFT: OperatorRule = {
  hostInputs: [1, 2],
  infer(context) {
    const x = context.input(0);
    if (!x?.shape) return [x && { dtype: x.dtype }];
    const { shape } = x;
    const given = axisGiven(context);
    if (given === undefined) return [{ dtype: x.dtype, shape: freshShape(context, shape.length) }];
    const axis = axisOf(given, shape.length);
    if (axis === shape.length - 1) throw mismatch('The last axis holds real and imaginary parts.');
    const isOneSided = context.int('onesided', 0) !== 0;
    const isInverse = context.int('inverse', 0) !== 0;
    // A one-sided spectrum of n frequencies comes from 2 (n - 1) samples, unless the length says it is odd.
    const natural = isOneSided && isInverse ? multiply(subtract(shape[axis], 1), 2) : shape[axis];
    const length = hasInput(context, 1) ? (scalarFrom(context, 1) ?? context.freshDim('length')) : natural;
    const size = isOneSided && !isInverse ? add(floorDivide(length, 2), 1) : length;
    const parts = isOneSided && isInverse ? 1 : 2;
    const last = shape.length - 1;
    return [{ dtype: x.dtype, shape: shape.map((dim, i) => (i === last ? parts : i === axis ? size : dim)) }];
  },
};

/** An attribute before opset 20, an input since; undefined when it is not known. */
function axisGiven(context: InferenceContext): number | undefined {
  if (context.opset < 20) return context.int('axis', 1);
  return hasInput(context, 2) ? scalarFrom(context, 2) : -2;
}

/** Spectra of overlapping frames: [batch, frames, frequencies, 2]. */
const STFT: OperatorRule = {
  hostInputs: [1, 3],
  saves: () => ({ inputs: [2] }),
  infer(context) {
    const x = context.input(0);
    const step = scalarFrom(context, 1);
    if (!x?.shape) return [x && { dtype: x.dtype }];
    if (step !== undefined && step < 1) throw mismatch(`A step of ${step}.`);
    if (x.shape.length < 2) throw mismatch(`Rank ${x.shape.length}: there is no axis of samples.`);
    const frame = scalarFrom(context, 3) ?? context.input(2)?.shape?.[0] ?? context.freshDim('frame');
    const frames = step ? add(floorDivide(subtract(x.shape[1], frame), step), 1) : context.freshDim('frames');
    const isOneSided = context.int('onesided', 1) !== 0;
    const frequencies = isOneSided ? add(floorDivide(frame, 2), 1) : frame;
    return [{ dtype: x.dtype, shape: [x.shape[0], frames, frequencies, 2] }];
  },
};

/** Fourier transforms. */
export const signalRules: RuleTable = { DFT, STFT };
