import { describe, expect, test } from 'vitest';
import type { ModelGraph, ModuleNode } from '../../../planner-core/graph/modelGraph';
import { keptValues } from '../../../planner-core/simulator/keptValues';
import { keepEverything } from '../../../planner-core/simulator/schedule';
import type { BuiltStep } from '../../../planner-core/step/buildStep';
import { Phase, ValueKind } from '../../../planner-core/step/stepGraph';
import { ModelBuilder } from '../support/modelBuilder';
import { build, nodesOf } from './stepProbe';

const batch = 4;
const width = 32;
const rank = 2;

/**
 * y = x W + (x A) B, twice, with an activation between: linear layers with low-rank adapters (LoRA, Hu et al. 2021), as
 * peft names them. The exporter renamed the second base weight.
 */
function adapted(): ModelGraph {
  const builder = new ModelBuilder().input('x', [batch, width]);
  let current = 'x';
  for (const layer of ['layers.0', 'layers.1']) {
    const base = layer === 'layers.0' ? `${layer}.base_layer.weight` : 'onnx::MatMul_7';
    builder
      .parameter(base, [width, width])
      .parameter(`${layer}.lora_A.weight`, [width, rank])
      .parameter(`${layer}.lora_B.weight`, [rank, width])
      .operator('MatMul', [current, base], [`${layer}/base`])
      .operator('MatMul', [current, `${layer}.lora_A.weight`], [`${layer}/down`])
      .operator('MatMul', [`${layer}/down`, `${layer}.lora_B.weight`], [`${layer}/up`])
      .operator('Add', [`${layer}/base`, `${layer}/up`], [`${layer}/sum`])
      .operator('Relu', [`${layer}/sum`], [`${layer}/out`]);
    current = `${layer}/out`;
  }
  const graph = builder.build(current);
  const names = ['', 'layers.0', 'layers.0.base_layer', 'layers.1', 'layers.1.base_layer'];
  const modules = names.map((name, id): ModuleNode => ({ id, name, parent: 0, children: [] }));
  const operators = graph.operators.map((operator, i) => ({
    ...operator,
    module: (i < 5 ? 1 : 3) + (i % 5 === 0 ? 1 : 0),
  }));
  return { ...graph, modules, operators };
}

const namesOfKind = ({ step }: BuiltStep, kind: ValueKind): string[] =>
  step.valueName.filter((_, value) => step.valueKind[value] === kind);

const keptNames = ({ step }: BuiltStep): string[] => {
  const kept = keptValues(step, keepEverything);
  return step.valueName.filter((_, value) => kept[value]).sort();
};

const bases = ['layers.0.base_layer', 'layers.1.base_layer'];
const trained = build(adapted(), { optimizer: 'adamw' });
const lora = build(adapted(), { optimizer: 'adamw', frozen: bases });

describe('frozen modules', () => {
  test('have no gradient and no optimizer state; their weights stay in memory', () => {
    const adapters = ['layers.0.lora_A', 'layers.0.lora_B', 'layers.1.lora_A', 'layers.1.lora_B'];
    expect(namesOfKind(lora, ValueKind.parameterGradient).sort()).toEqual(
      adapters.map((name) => `gradient of ${name}.weight`),
    );
    expect(namesOfKind(lora, ValueKind.optimizerState)).toHaveLength(4);
    expect(namesOfKind(lora, ValueKind.parameter)).toEqual(namesOfKind(trained, ValueKind.parameter));
  });

  test('a frozen linear layer hands gradients through without saving its input for itself', () => {
    // The adapter beside it still keeps the layer's input: what is saved is the same.
    expect(keptNames(lora)).toEqual(keptNames(trained));
    const onlyLast = build(adapted(), { frozen: ['layers.0', ...bases] });
    // Nothing before the first trained adapter needs a gradient: its input is kept, what made that is not.
    expect(keptNames(onlyLast)).toEqual(['layers.0/out', 'layers.1/down', 'layers.1/out']);
    expect(nodesOf(onlyLast, Phase.backward).filter((name) => /_[0-4] backward/.test(name))).toEqual([]);
  });

  test('a name freezes what is below it, or a single parameter, never what merely begins like it', () => {
    const gradients = (...frozen: string[]): number =>
      namesOfKind(build(adapted(), { frozen }), ValueKind.parameterGradient).length;
    expect(gradients()).toBe(6);
    expect(gradients('layers.0')).toBe(3);
    expect(gradients('layers.0.lora_A.weight')).toBe(5);
    expect(gradients('layers.0.lora_A')).toBe(5);
    expect(gradients('')).toBe(0);
    expect(() => gradients('layers.0.lora')).toThrow(/"layers.0.lora"/);
  });

  test('a name the model does not have is refused', () => {
    expect(() => build(adapted(), { frozen: ['layers.2'] })).toThrow(
      expect.objectContaining({ code: 'unknown-module' }),
    );
  });
});

test('a parameter that reaches the output through comparisons only gets no gradient and no state', () => {
  const built = build(
    new ModelBuilder()
      .input('x', [4, 4])
      .parameter('w', [4, 4])
      .parameter('threshold', [4])
      .operator('MatMul', ['x', 'w'], ['h'])
      .operator('Greater', ['h', 'threshold'], ['mask'])
      .operator('Where', ['mask', 'h', 'h'], ['y'])
      .build('y'),
    { optimizer: 'adamw', zeroGrad: 'zero', microBatches: 4 },
  );
  expect(namesOfKind(built, ValueKind.parameterGradient)).toEqual(['gradient of w']);
  expect(namesOfKind(built, ValueKind.optimizerState)).toEqual(['adamw state of w']);
});

test('every BatchNorm module has its counter of batches, shared modules once', () => {
  const statistics = ['scale', 'bias', 'running_mean', 'running_var'];
  const builder = new ModelBuilder().input('x', [2, 3, 4, 4]);
  for (const name of ['bn1', 'bn2'])
    for (const statistic of statistics) builder.parameter(`${name}.${statistic}`, [3]);
  const normalise = (name: string, input: string, output: string): ModelBuilder =>
    builder.operator('BatchNormalization', [input, ...statistics.map((s) => `${name}.${s}`)], [output]);
  normalise('bn1', 'x', 'a');
  normalise('bn2', 'a', 'b');
  normalise('bn1', 'b', 'y');
  const built = build(builder.build('y'));
  expect(namesOfKind(built, ValueKind.buffer)).toEqual([
    'bn1.running_mean',
    'bn1.running_var',
    'bn2.running_mean',
    'bn2.running_var',
    'bn1.num_batches_tracked',
    'bn2.num_batches_tracked',
  ]);
  const counter = built.step.valueName.indexOf('bn1.num_batches_tracked');
  expect(built.step.valueBytes[counter]).toBe(8);
});

test('autocast casts a frozen weight for every call, a trained one once', () => {
  const graph = new ModelBuilder()
    .input('x', [batch, width])
    .parameter('trained', [width, width])
    .parameter('used.twice', [width, width])
    .operator('MatMul', ['x', 'trained'], ['a'])
    .operator('MatMul', ['a', 'used.twice'], ['b'])
    .operator('MatMul', ['b', 'used.twice'], ['y'])
    .build('y');
  const casts = (frozen: readonly string[]): number =>
    build(graph, { frozen, precision: 'bf16-autocast' }).step.valueName.filter((name) =>
      name.endsWith('/cast of input 1'),
    ).length;
  expect(casts([])).toBe(2);
  expect(casts(['used.twice'])).toBe(3);
});
