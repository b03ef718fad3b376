import type { Pattern } from '../pattern';
import { attention, causalAttention, groupedQueryAttention } from './attention';
import { hardSwish, mish, silu } from './gated';
import { gelu, geluTanh } from './gelu';
import { groupNorm } from './groupNorm';
import { layerNorm } from './layerNorm';
import { linear } from './linear';
import { packedProjection } from './contiguous';
import { rsqrt } from './rsqrt';

/** Every pattern, larger ones before those they contain; a later round reads what an earlier one found. */
export const rounds: readonly (readonly Pattern[])[] = [
  [attention, layerNorm, groupNorm, gelu, geluTanh, hardSwish, mish, silu, linear, rsqrt],
  [groupedQueryAttention, packedProjection],
  [causalAttention],
];
