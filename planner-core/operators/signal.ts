import { add, floorDivide, subtract } from '../graph/dim';
import { axisOf } from './dims';
import { scalarFrom, type RuleTable } from './parts';
import type { OperatorRule } from './rule';

/** The last axis holds real and imaginary part. One-sided: only the frequencies a real signal needs. */
const DFT: OperatorRule = {
  hostInputs: [1, 2],
  infer(context) {
    const x = context.input(0);
    if (!x?.shape) return [x && { dtype: x.dtype }];
    const { shape } = x;
    const given = context.opset >= 20 ? (scalarFrom(context, 2) ?? -2) : context.int('axis', 1);
    const axis = axisOf(given, shape.length);
    const hasLength = (context.operator.inputs[1] ?? -1) >= 0;
    const length = hasLength ? (scalarFrom(context, 1) ?? context.freshDim('length')) : shape[axis];
    const isOneSided = context.int('onesided', 0) !== 0;
    const isInverse = context.int('inverse', 0) !== 0;
    const frequencies = isOneSided && !isInverse ? add(floorDivide(length, 2), 1) : length;
    const parts = isOneSided && isInverse ? 1 : 2;
    const last = shape.length - 1;
    const result = shape.map((dim, i) => (i === last ? parts : i === axis ? frequencies : dim));
    return [{ dtype: x.dtype, shape: result }];
  },
};

/** Spectra of overlapping frames: [batch, frames, frequencies, 2]. */
const STFT: OperatorRule = {
  hostInputs: [1, 3],
  saves: () => ({ inputs: [2] }),
  infer(context) {
    const x = context.input(0);
    const step = scalarFrom(context, 1);
    if (!x?.shape) return [x && { dtype: x.dtype }];
    const frame = scalarFrom(context, 3) ?? context.input(2)?.shape?.[0] ?? context.freshDim('frame');
    const frames = step ? add(floorDivide(subtract(x.shape[1], frame), step), 1) : context.freshDim('frames');
    const isOneSided = context.int('onesided', 1) !== 0;
    const frequencies = isOneSided ? add(floorDivide(frame, 2), 1) : frame;
    return [{ dtype: x.dtype, shape: [x.shape[0], frames, frequencies, 2] }];
  },
};

/** Fourier transforms. */
export const signalRules: RuleTable = { DFT, STFT };
