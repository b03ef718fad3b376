import type { Pattern } from '../pattern';
import { attention, causalAttention, groupedQueryAttention, safeSoftmax, visibleMask } from './attention';
import { glu, hardSwish, mish, silu } from './gated';
import { gelu, geluFactored, geluTanh } from './gelu';
import { groupNorm } from './groupNorm';
import { layerNorm } from './layerNorm';
import { linear } from './linear';
import { logSigmoid, softplus } from './logarithms';
import { packedProjection, packedProjections } from './contiguous';
import { rmsNorm } from './rmsNorm';
import { rsqrt } from './rsqrt';
import { hardShrink, softShrink, threshold } from './threshold';
import { weightNorm } from './weightNorm';

/** Every pattern, larger ones before those they contain; a later round reads what an earlier one found. */
export const rounds: readonly (readonly Pattern[])[] = [
  [
    attention,
    safeSoftmax,
    visibleMask,
    layerNorm,
    groupNorm,
    rmsNorm,
    weightNorm,
    gelu,
    geluTanh,
    geluFactored,
    hardSwish,
    mish,
    silu,
    glu,
    softplus,
    logSigmoid,
    softShrink,
    hardShrink,
    threshold,
    linear,
    rsqrt,
  ],
  [groupedQueryAttention, packedProjection, packedProjections],
  [causalAttention],
];
