import { describe, expect, test } from 'vitest';
import { findDevice } from '../../../planner-core/devices/catalogue';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { symbol } from '../../../planner-core/graph/dim';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { keptValues } from '../../../planner-core/simulator/keptValues';
import { keepEverything } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { buildStep, type BuiltStep } from '../../../planner-core/step/buildStep';
import { Phase, ValueKind } from '../../../planner-core/step/stepGraph';
import { defaultWorkload, type Workload } from '../../../planner-core/step/workload';
import { ModelBuilder } from '../support/modelBuilder';

const device = { id: 'gpu0', spec: findDevice('T4')! };
const build = (graph: ModelGraph, changes: Partial<Workload> = {}): BuiltStep =>
  buildStep(graph, { ...defaultWorkload, ...changes }, [device]);

/** Names of the storages kept from forward to backward. */
function keptNames({ step }: BuiltStep): string[] {
  const kept = keptValues(step, keepEverything);
  return step.valueName.filter((_, value) => kept[value]).sort();
}

function bytesOfKind({ step }: BuiltStep, kind: ValueKind): number {
  return step.valueBytes.reduce((sum, bytes, value) => sum + (step.valueKind[value] === kind ? bytes : 0), 0);
}

const nodesOf = ({ step }: BuiltStep, phase: Phase): string[] =>
  step.nodeName.filter((_, node) => step.nodePhase[node] === phase);

const mlp = (): ModelGraph =>
  new ModelBuilder()
    .input('x', [symbol('batch'), 8])
    .parameter('w1', [8, 16])
    .parameter('w2', [16, 4])
    .operator('MatMul', ['x', 'w1'], ['h'])
    .operator('Relu', ['h'], ['a'])
    .operator('MatMul', ['a', 'w2'], ['y'])
    .build('y');

describe('what autograd keeps', () => {
  test('a perceptron keeps the ReLU output once, and its input batch is no activation', () => {
    const built = build(mlp(), { dims: { batch: 2 } });
    expect(keptNames(built)).toEqual(['a']);
    expect(bytesOfKind(built, ValueKind.parameterGradient)).toBe((8 * 16 + 16 * 4) * 4);
  });

  test('views share one storage; a reshape of a transposed tensor is a new one', () => {
    const graph = new ModelBuilder()
      .input('x', [2, 3, 4])
      .parameter('w', [4, 4])
      .constant('flat', [6, 4])
      .constant('merged', [8, 3])
      .operator('MatMul', ['x', 'w'], ['h'])
      .operator('Reshape', ['h', 'flat'], ['view'])
      .operator('Transpose', ['h'], ['t'], { perm: [0, 2, 1] })
      .operator('Reshape', ['t', 'merged'], ['copy'])
      .build('view', 'copy');
    const { storage } = build(graph);
    const storageOf = (name: string): number => storage[graph.tensors.findIndex((t) => t.name === name)];
    expect(storageOf('view')).toBe(storageOf('t'));
    expect(storageOf('copy')).not.toBe(storageOf('t'));
  });

  test('inference keeps nothing and has no backward pass', () => {
    const built = build(mlp(), { mode: 'inference', optimizer: 'adamw' });
    expect(keptNames(built)).toEqual([]);
    expect(nodesOf(built, Phase.backward)).toEqual([]);
    expect(nodesOf(built, Phase.optimizer)).toEqual([]);
  });
});

describe('gradients', () => {
  test('a value with two consumers gets its second gradient added in place', () => {
    const built = build(
      new ModelBuilder()
        .input('x', [4, 4])
        .parameter('w', [4, 4])
        .operator('MatMul', ['x', 'w'], ['h'])
        .operator('Sigmoid', ['h'], ['a'])
        .operator('Tanh', ['h'], ['b'])
        .operator('Mul', ['a', 'b'], ['y'])
        .build('y'),
    );
    const { step } = built;
    const sigmoid = step.nodeName.indexOf('Sigmoid_1 backward');
    expect(step.updates.offsets[sigmoid + 1] - step.updates.offsets[sigmoid]).toBe(1);
    expect(step.workspaceBytes[sigmoid]).toBe(64);
    expect(step.valueName.filter((name) => name === 'gradient of h')).toHaveLength(1);
  });

  test('an addition hands its gradient on: no node, no storage', () => {
    const built = build(
      new ModelBuilder()
        .input('x', [4, 4])
        .parameter('w', [4, 4])
        .operator('MatMul', ['x', 'w'], ['h'])
        .operator('Sigmoid', ['h'], ['a'])
        .operator('Add', ['h', 'a'], ['s'])
        .operator('Sigmoid', ['s'], ['y'])
        .build('y'),
    );
    expect(nodesOf(built, Phase.backward)).not.toContain('Add_2 backward');
    expect(built.step.valueName.filter((name) => name === 'gradient of a')).toEqual([]);
  });
});

describe('the workload', () => {
  test('dimensions that are not given are assumed and reported', () => {
    const built = build(mlp());
    expect(built.assumed).toEqual([{ name: 'batch', assumed: 8 }]);
    expect(built.step.diagnostics.map((d) => d.code)).toContain('assumed-dimension');
  });

  test.each([0, -3, 1.5, Number.NaN])('a batch of %d is refused', (batch) => {
    expect(() => build(mlp(), { dims: { batch } })).toThrow(
      expect.objectContaining({ code: 'bad-workload' }),
    );
  });

  test.each([
    ['sgd', 0],
    ['momentum', 1],
    ['adamw', 2],
  ] as const)('%s keeps its state through the step', (optimizer, copies) => {
    const built = build(mlp(), { optimizer });
    const parameters = (8 * 16 + 16 * 4) * 4;
    // Adam's step counters are in host memory.
    expect(bytesOfKind(built, ValueKind.optimizerState)).toBe(copies * parameters);
    expect(nodesOf(built, Phase.optimizer)).toContain(`${optimizer} update of w2`);
  });

  test('cross-entropy keeps fp32 log-probabilities of the logits and reads targets', () => {
    const built = build(mlp(), { dims: { batch: 2 }, loss: 'cross-entropy' });
    expect(keptNames(built)).toEqual(['<loss>/log_softmax', '<loss>/total_weight', 'a']);
    expect(bytesOfKind(built, ValueKind.input)).toBe(2 * 8 * 4 + 2 * 8);
  });

  test('autocast halves activations of products and keeps one half copy of each weight', () => {
    const built = build(mlp(), { dims: { batch: 2 }, precision: 'bf16-autocast' });
    expect(keptNames(built)).toEqual(['MatMul_0/cast of input 0', 'MatMul_2/cast of input 1', 'a']);
    expect(bytesOfKind(built, ValueKind.parameter)).toBe((8 * 16 + 16 * 4) * 4);
    const pure = build(mlp(), { dims: { batch: 2 }, precision: 'bf16' });
    expect(bytesOfKind(pure, ValueKind.parameter)).toBe((8 * 16 + 16 * 4) * 2);
  });
});

test('an unknown operator neither stops the step nor counts as nothing', () => {
  const built = build(
    new ModelBuilder()
      .input('x', [4, 4])
      .parameter('w', [4, 4])
      .operator('MatMul', ['x', 'w'], ['h'])
      .operator('Mystery', ['h'], ['m'])
      .operator('MatMul', ['x', 'w'], ['y'])
      .build('m', 'y'),
  );
  expect(nodesOf(built, Phase.forward)).toContain('Mystery_1');
  expect(built.step.valueBytes[built.step.valueName.indexOf('m')]).toBe(64);
});

test('the step of a model simulates, and its peak is in the backward pass of its largest layer', () => {
  const { step } = build(mlp(), { dims: { batch: 4096 } });
  const simulation = simulate(step, compileSchedule(step, keepEverything));
  expect(simulation.peakBytes).toBeGreaterThan(4096 * (8 + 16 + 16) * 4);
  expect(simulation.stepTimeMs).toBeGreaterThan(0);
});
