/**
 * Kinds of work whose kernels reach a similar share of a device's peaks. `gemm` shares are for products that fill the
 * device; small ones lose more to tiles and waves (see `matrixProduct.ts`).
 */
export const workClasses = [
  'gemm',
  'convolution',
  'pointwise-convolution',
  'depthwise-convolution',
  'first-convolution',
  'attention',
  'recurrent',
  'elementwise',
  'normalization',
  'pooling',
  'gather',
  'optimizer',
] as const;
export type WorkClass = (typeof workClasses)[number];

/** Shares of the device's peaks, above 0; about 1 at most (more where caches serve part of the traffic). */
export interface Efficiency {
  /** Share of the dense arithmetic peak of the number format. */
  readonly compute: number;
  /** Share of the memory bandwidth. */
  readonly memory: number;
}

export type EfficiencyTable = Readonly<Record<WorkClass, Efficiency>>;

/**
 * Starting point, calibrate: middles of the ranges people report for data-centre GPUs, not measurements of a given
 * machine. Where no range is known (marked "assumed") the value is that of the nearest class that has one.
 *
 * Source of the ranges: cuBLAS and cuDNN kernels at large sizes on A100, H100 and L4/T4, as collected in the project's
 * notes on cost models; FlashAttention-2 (Dao 2023, arXiv 2307.08691) for attention. None was measured here.
 */
// prettier-ignore
export const startingEfficiency: EfficiencyTable = {
  // class                               share of peak  share of bandwidth       reported ranges
  'gemm':                  { compute: 0.7,  memory: 0.8 },  // A100 bf16 .75-.88, H100/H200 .60-.78, L4/T4 .5-.8; bandwidth assumed
  'convolution':           { compute: 0.45, memory: 0.8 },  // 3x3: channels first .3-.5, channels last .45-.70; bandwidth assumed
  'pointwise-convolution': { compute: 0.7,  memory: 0.8 },  // 1x1: a matrix product
  'depthwise-convolution': { compute: 0.45, memory: 0.45 }, // bandwidth .3-.6; arithmetic (no tensor cores) assumed
  'first-convolution':     { compute: 0.18, memory: 0.8 },  // few input channels: .1-.25; bandwidth assumed
  'attention':             { compute: 0.55, memory: 0.8 },  // FlashAttention-2: A100 .5-.73, H100 .35-.45; bandwidth assumed
  'recurrent':             { compute: 0.3,  memory: 0.6 },  // one small product a time step: assumed
  'elementwise':           { compute: 0.7,  memory: 0.86 }, // bandwidth .80-.92; arithmetic never the limit
  'normalization':         { compute: 0.7,  memory: 0.72 }, // also softmax: bandwidth .6-.85, less for short rows
  'pooling':               { compute: 0.7,  memory: 0.6 },  // bandwidth .5-.7
  'gather':                { compute: 0.7,  memory: 0.45 }, // embedding rows: bandwidth .3-.6
  'optimizer':             { compute: 0.7,  memory: 0.8 },  // bandwidth about .8
};

/**
 * Time an eager framework needs to issue one kernel, in milliseconds. Starting point, calibrate: 4-10 µs are reported
 * for eager PyTorch, 2-3 µs with CUDA graphs.
 */
export const startingLaunchMs = 0.005;
