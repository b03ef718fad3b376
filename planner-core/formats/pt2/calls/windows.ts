import { given, int, ints, type Call, type Lowering, type LoweringTable } from '../call';

/** A list argument for `axes` spatial axes: PyTorch repeats a single number for all of them. */
function perAxis(call: Call, name: string, axes: number, fallback: number): readonly number[] {
  const values = call.ints(name) ?? [];
  if (values.length === axes) return values;
  return new Array<number>(axes).fill(values[0] ?? fallback);
}

const sizesOf = (shape: readonly unknown[]): number[] =>
  shape.map((size) => (typeof size === 'number' ? size : 1));

function convolution(call: Call, transposed: boolean): ReturnType<Lowering> {
  const weight = call.tensor('weight');
  const kernel = sizesOf(call.shape(weight).slice(2));
  const axes = kernel.length;
  // Convolutions of one image without a batch are not told apart.
  const isBatched = [call.tensor('input'), call.results[0]].every((id) => call.shape(id).length === axes + 2);
  const groups = call.constant('groups', 1);
  if (axes < 1 || !isBatched || groups < 1) return undefined;
  const padding = perAxis(call, 'padding', axes, 0);
  return {
    type: transposed ? 'ConvTranspose' : 'Conv',
    inputs: [call.tensor('input'), weight, call.tensor('bias')],
    attributes: given({
      kernel_shape: ints(kernel),
      strides: ints(perAxis(call, 'stride', axes, 1)),
      dilations: ints(perAxis(call, 'dilation', axes, 1)),
      pads: ints([...padding, ...padding]),
      group: int(groups),
      output_padding: transposed ? ints(perAxis(call, 'output_padding', axes, 0)) : undefined,
    }),
  };
}

const conv: Lowering = (call) => convolution(call, false);
const convTranspose: Lowering = (call) => convolution(call, true);

const pooling =
  (type: string, axes: number): Lowering =>
  (call) => {
    const kernel = perAxis(call, 'kernel_size', axes, 1);
    const strides = call.ints('stride') ?? [];
    const padding = perAxis(call, 'padding', axes, 0);
    return {
      type,
      inputs: [call.tensor('self')],
      attributes: {
        kernel_shape: ints(kernel),
        strides: ints(strides.length > 0 ? perAxis(call, 'stride', axes, 1) : kernel),
        pads: ints([...padding, ...padding]),
        dilations: ints(perAxis(call, 'dilation', axes, 1)),
        ceil_mode: int(Number(call.flag('ceil_mode'))),
      },
    };
  };

/** To one number a channel it is a mean, which keeps nothing; else it keeps its input as any pooling does. */
const adaptiveAverage: Lowering = (call) => ({
  type: call.ints('output_size')?.every((size) => size === 1) ? 'GlobalAveragePool' : 'AveragePool',
  inputs: [call.tensor('self')],
});

const adaptiveMaximum: Lowering = (call) => ({ type: 'MaxPool', inputs: [call.tensor('self')] });

const resize: Lowering = (call) => ({
  type: 'Resize',
  inputs: [call.tensor(call.has('input') ? 'input' : 'self')],
});

const names = (pattern: string, lowering: (axes: number) => Lowering): LoweringTable =>
  Object.fromEntries([1, 2, 3].map((axes) => [pattern.replace('N', String(axes)), lowering(axes)]));

/** What slides a window over images: convolutions, pooling, interpolation. */
export const windowCalls: LoweringTable = {
  ...names('convNd', () => conv),
  ...names('conv_transposeNd', () => convTranspose),
  convolution: (call) => convolution(call, call.flag('transposed')),
  _convolution: (call) => convolution(call, call.flag('transposed')),
  ...names('max_poolNd', (axes) => pooling('MaxPool', axes)),
  ...names('max_poolNd_with_indices', (axes) => pooling('MaxPool', axes)),
  ...names('avg_poolNd', (axes) => pooling('AveragePool', axes)),
  ...names('adaptive_avg_poolNd', () => adaptiveAverage),
  ...names('_adaptive_avg_poolNd', () => adaptiveAverage),
  ...names('adaptive_max_poolNd', () => adaptiveMaximum),
  ...names('upsample_nearestNd', () => resize),
  upsample_linear1d: resize,
  upsample_bilinear2d: resize,
  _upsample_bilinear2d_aa: resize,
  upsample_bicubic2d: resize,
  _upsample_bicubic2d_aa: resize,
  upsample_trilinear3d: resize,
  grid_sampler: (call) => ({ type: 'GridSample', inputs: [call.tensor('input'), call.tensor('grid')] }),
  grid_sampler_2d: (call) => ({ type: 'GridSample', inputs: [call.tensor('input'), call.tensor('grid')] }),
};
