import { ModelSketch } from '../../fixtures/generatedModels/modelSketch';
import type { ModelSpec } from '../../fixtures/onnx-builder/onnx';

/** Blocks of each stage. */
const resNetBlocks = { 50: [3, 4, 6, 3], 101: [3, 4, 23, 3] } as const;

const expansion = 4;
const stemChannels = 64;

/**
 * A residual network for images of 224 × 224 (He et al., "Deep Residual Learning for Image Recognition", 2016), with
 * the stride in the 3 × 3 convolutions as torchvision has it, exported in training mode.
 */
export function resNet(depth: keyof typeof resNetBlocks): ModelSpec {
  const sketch = new ModelSketch([{ name: 'input', type: 'float', dims: ['batch', 3, 224, 224] }], 15);
  const stem = normalised(sketch, 'conv1', 'bn1', 'input', 3, stemChannels, 7, 2);
  let x = relu(sketch, stem);
  const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] };
  x = sketch.one('MaxPool', [x], { module: 'maxpool', attributes });
  let channels = stemChannels;
  for (const [stage, blocks] of resNetBlocks[depth].entries()) {
    const width = stemChannels * 2 ** stage;
    for (let block = 0; block < blocks; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const from = channels;
      x = sketch.inside(`layer${stage + 1}`, () =>
        sketch.inside(`${block}`, () => bottleneck(sketch, x, from, width, stride)),
      );
      channels = width * expansion;
    }
  }
  const pooled = sketch.one('GlobalAveragePool', [x], { module: 'avgpool' });
  const flat = sketch.one('Flatten', [pooled], { attributes: { axis: 1 } });
  const weights = [sketch.weight('fc.weight', [1000, channels]), sketch.weight('fc.bias', [1000])];
  return sketch.model([sketch.one('Gemm', [flat, ...weights], { module: 'fc', attributes: { transB: 1 } })]);
}

function bottleneck(sketch: ModelSketch, input: string, from: number, width: number, stride: number): string {
  const to = width * expansion;
  const narrow = relu(sketch, normalised(sketch, 'conv1', 'bn1', input, from, width, 1, 1));
  const middle = relu(sketch, normalised(sketch, 'conv2', 'bn2', narrow, width, width, 3, stride));
  const wide = normalised(sketch, 'conv3', 'bn3', middle, width, to, 1, 1);
  const skip =
    from === to && stride === 1
      ? input
      : normalised(sketch, 'downsample.0', 'downsample.1', input, from, to, 1, stride);
  return relu(sketch, sketch.one('Add', [wide, skip]));
}

const relu = (sketch: ModelSketch, input: string): string => sketch.one('Relu', [input], { module: 'relu' });

function normalised(
  sketch: ModelSketch,
  conv: string,
  bn: string,
  input: string,
  from: number,
  to: number,
  kernel: number,
  stride: number,
): string {
  const weight = sketch.weight(`${conv}.weight`, [to, from, kernel, kernel]);
  const pad = (kernel - 1) / 2;
  const attributes = {
    ...{ dilations: [1, 1], group: 1, kernel_shape: [kernel, kernel] },
    ...{ pads: [pad, pad, pad, pad], strides: [stride, stride] },
  };
  const convolved = sketch.one('Conv', [input, weight], { module: conv, attributes });
  const state = ['weight', 'bias', 'running_mean', 'running_var'].map((name) =>
    sketch.weight(`${bn}.${name}`, [to]),
  );
  const training = { epsilon: { float: 1e-5 }, momentum: { float: 0.9 }, training_mode: 1 };
  const [result] = sketch.call('BatchNormalization', [convolved, ...state], {
    ...{ module: bn, attributes: training, outputs: 3 },
  });
  return result;
}
