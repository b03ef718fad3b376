import { ModelSketch } from '../../fixtures/generatedModels/modelSketch';
import type { ModelSpec } from '../../fixtures/onnx-builder/onnx';
import { randomlyWired } from './randomlyWired';

const stages = [
  { channels: 78, stride: 2 },
  { channels: 156, stride: 2 },
  { channels: 312, stride: 2 },
];
const nodesPerStage = 32;

/**
 * A randomly wired image network (Xie et al., "Exploring Randomly Wired Neural Networks for Image Recognition", ICCV
 * 2019), about its regular size: a stem, three stages of 32 nodes wired as Watts and Strogatz have it, a classifier. A
 * node sums its inputs, then ReLU, a 3 x 3 convolution and batch normalisation; nodes without inputs read the stage's
 * input with the stage's stride, and the mean of those nobody reads is the stage's output.
 */
export function randomlyWiredCnn(seed: number): ModelSpec {
  const sketch = new ModelSketch([{ name: 'image', type: 'float', dims: ['batch', 3, 224, 224] }]);
  let x = sketch.inside('stem', () => convolution(sketch, 'image', 3, stages[0].channels, 2));
  let from = stages[0].channels;
  for (const [stage, { channels, stride }] of stages.entries()) {
    x = sketch.inside(`stage${stage}`, () => wired(sketch, x, from, channels, stride, seed + 100 * stage));
    from = channels;
  }
  const pooled = sketch.one('GlobalAveragePool', [x], { module: 'pool' });
  const flat = sketch.one('Flatten', [pooled], { module: 'flatten', attributes: { axis: 1 } });
  const weights = [sketch.weight('fc.weight', [1000, from]), sketch.weight('fc.bias', [1000])];
  return sketch.model([sketch.one('Gemm', [flat, ...weights], { module: 'fc', attributes: { transB: 1 } })]);
}

function wired(
  sketch: ModelSketch,
  input: string,
  from: number,
  channels: number,
  stride: number,
  seed: number,
): string {
  const edges = randomlyWired(nodesPerStage, 4, 0.75, seed);
  const results: string[] = [];
  for (let node = 0; node < nodesPerStage; node++) {
    const inputs = edges.filter(([, to]) => to === node).map(([source]) => results[source]);
    results[node] = sketch.inside(`node${node}`, () => {
      const isFirst = inputs.length === 0;
      const [head, ...others] = isFirst ? [input] : inputs;
      const sum = others.reduce((total, other) => sketch.one('Add', [total, other]), head);
      const active = sketch.one('Relu', [sum], { module: 'relu' });
      return convolution(sketch, active, isFirst ? from : channels, channels, isFirst ? stride : 1);
    });
  }
  const read = new Set(edges.map(([source]) => source));
  const [last, ...others] = results.filter((_, node) => !read.has(node));
  const sum = others.reduce((total, other) => sketch.one('Add', [total, other]), last);
  return others.length === 0 ? sum : sketch.one('Div', [sum, sketch.number(others.length + 1)]);
}

function convolution(sketch: ModelSketch, input: string, from: number, to: number, stride: number): string {
  const weight = sketch.weight('conv.weight', [to, from, 3, 3]);
  const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [stride, stride] };
  const convolved = sketch.one('Conv', [input, weight], { module: 'conv', attributes });
  const state = ['weight', 'bias', 'running_mean', 'running_var'].map((name) =>
    sketch.weight(`bn.${name}`, [to]),
  );
  return sketch.one('BatchNormalization', [convolved, ...state], { module: 'bn' });
}
