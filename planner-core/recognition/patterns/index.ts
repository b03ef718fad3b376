import type { Pattern } from '../pattern';
import { attention } from './attention';
import { hardSwish, mish, silu } from './gated';
import { gelu, geluTanh } from './gelu';
import { groupNorm } from './groupNorm';
import { layerNorm } from './layerNorm';
import { linear } from './linear';
import { rsqrt } from './rsqrt';

/** Every pattern, larger ones before those they contain. */
export const patterns: readonly Pattern[] = [
  attention,
  layerNorm,
  groupNorm,
  gelu,
  geluTanh,
  hardSwish,
  mish,
  silu,
  linear,
  rsqrt,
];
