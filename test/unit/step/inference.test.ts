import { describe, expect, test } from 'vitest';
import { findDevice } from '../../../planner-core/devices/catalogue';
import { moduleTree } from '../../../planner-core/graph/moduleTree';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { buildStep } from '../../../planner-core/step/buildStep';
import { ValueKind } from '../../../planner-core/step/stepGraph';
import { defaultWorkload, type Workload } from '../../../planner-core/step/workload';
import { ModelBuilder } from '../support/modelBuilder';
import { build, liveBytesOf } from './stepProbe';

/** Puts operators into modules: one name for each, in order; `called` are the modules that have a forward. */
function inModules(graph: ModelGraph, names: readonly string[], called?: readonly string[]): ModelGraph {
  const { modules, idOf } = moduleTree(names, new Map(), called && new Set(called));
  const operators = graph.operators.map((operator, at) => ({ ...operator, module: idOf.get(names[at])! }));
  return { ...graph, operators, modules };
}

const infer = (graph: ModelGraph, changes: Partial<Workload> = {}): Map<string, number> => {
  const { step } = build(graph, { mode: 'inference', inPlace: 'none', ...changes });
  return liveBytesOf(step);
};

/** Tensors of one size, without parameters: live bytes count tensors. The input is one of them. */
const unit = 4 * 16;
const chain = (
  ...operators: readonly (readonly [type: string, inputs: readonly string[], output: string])[]
) => {
  const builder = new ModelBuilder().input('x', [16]);
  for (const [type, inputs, output] of operators) builder.operator(type, inputs, [output]);
  return builder.build(operators.at(-1)![2]);
};

const live = (graph: ModelGraph, changes?: Partial<Workload>): number[] =>
  [...infer(graph, changes).values()].map((bytes) => bytes / unit);

describe('eager liveness', () => {
  const straight = chain(
    ['Sigmoid', ['x'], 'a'],
    ['Tanh', ['a'], 'b'],
    ['Sigmoid', ['b'], 'c'],
    ['Tanh', ['c'], 'd'],
    ['Sigmoid', ['d'], 'y'],
  );

  test('a file without modules frees after the last use', () => {
    expect(live(straight)).toEqual([2, 3, 3, 3, 3]);
    expect(live(straight, { liveness: 'ideal' })).toEqual([2, 3, 3, 3, 3]);
  });

  test('the argument of a call lives until the call returns', () => {
    const graph = inModules(straight, ['', 'block', 'block', 'block', '']);
    expect(live(graph)).toEqual([2, 3, 4, 4, 3]);
    expect(live(graph, { liveness: 'ideal' })).toEqual([2, 3, 3, 3, 3]);
  });

  test('so do the arguments of all calls around it', () => {
    const graph = inModules(straight, ['', 'stage', 'stage.block', 'stage.block', 'stage']);
    expect(live(graph)).toEqual([2, 3, 4, 5, 4]);
  });

  test('a list of modules is not called and holds nothing', () => {
    const names = ['', 'list.0', 'list.0', 'list.1', 'list.1'];
    expect(live(inModules(straight, names, ['', 'list.0', 'list.1']))).toEqual([2, 3, 4, 3, 4]);
    expect(live(inModules(straight, names, ['', 'list', 'list.0', 'list.1']))).toEqual([2, 3, 4, 4, 5]);
  });

  test('what a later statement reads is a variable until the forward returns', () => {
    const skipping = (): ModelGraph =>
      chain(
        ['Sigmoid', ['x'], 'a'],
        ['Tanh', ['a'], 'b'],
        ['Add', ['a', 'b'], 'c'],
        ['Tanh', ['c'], 'd'],
        ['Sigmoid', ['d'], 'y'],
      );
    const graph = inModules(skipping(), ['block', 'block', 'block', 'block', 'head']);
    // a has a name in block, b and c are replaced.
    expect(live(graph)).toEqual([2, 3, 4, 4, 3]);
    expect(live(graph, { liveness: 'ideal' })).toEqual([2, 3, 4, 3, 3]);
  });

  test('operands of a product of activations are variables', () => {
    const graph = new ModelBuilder()
      .input('x', [4, 4])
      .operator('Sigmoid', ['x'], ['q'])
      .operator('Tanh', ['q'], ['k'])
      .operator('MatMul', ['k', 'k'], ['s'])
      .operator('Tanh', ['s'], ['t'])
      .operator('Sigmoid', ['t'], ['y'])
      .build('y');
    const inBlock = inModules(graph, ['block', 'block', 'block', 'block', 'head']);
    expect(live(inBlock)).toEqual([2, 3, 3, 4, 3]);
  });

  test('training is as it was: autograd holds more than variables do', () => {
    const graph = inModules(straight, ['', 'block', 'block', 'block', '']);
    const eager = build(graph, { liveness: 'eager' }).step;
    const ideal = build(graph, { liveness: 'ideal' }).step;
    expect(eager.inputs).toEqual(ideal.inputs);
  });

  test('on several devices nothing is held, since it would be copied', () => {
    const graph = inModules(straight, ['', 'block', 'block', 'block', '']);
    const spec = findDevice('T4')!;
    const devices = [
      { id: 'gpu0', spec },
      { id: 'gpu1', spec },
    ];
    const workload: Workload = { ...defaultWorkload, mode: 'inference' };
    const ideal = buildStep(graph, { ...workload, liveness: 'ideal' }, devices);
    expect(buildStep(graph, workload, devices).step.inputs).toEqual(ideal.step.inputs);
  });
});

describe('activation functions in place', () => {
  const network = (shape: readonly number[], readers: 1 | 2 = 1): ModelGraph => {
    const builder = new ModelBuilder()
      .input('x', shape)
      .operator('Sigmoid', ['x'], ['a'])
      .operator('Relu', ['a'], ['b']);
    if (readers === 1) return builder.operator('Tanh', ['b'], ['y']).build('y');
    return builder.operator('Add', ['a', 'b'], ['y']).build('y');
  };
  const image = [1, 4, 2, 2];
  const inPlace = (graph: ModelGraph, choice: Workload['inPlace']): number[] =>
    live(graph, { inPlace: choice });

  test('on images the result takes the place of its input', () => {
    expect(inPlace(network(image), 'activations')).toEqual([2, 2, 3]);
    expect(inPlace(network(image), 'none')).toEqual([2, 3, 3]);
  });

  test('not where something else reads the input, nor on other tensors', () => {
    expect(inPlace(network(image, 2), 'activations')).toEqual([2, 3, 4]);
    expect(inPlace(network([4, 4]), 'activations')).toEqual([2, 3, 3]);
  });

  test('the input of the model is never overwritten', () => {
    const graph = new ModelBuilder().input('x', image).operator('Relu', ['x'], ['y']).build('y');
    expect(inPlace(graph, 'activations')).toEqual([2]);
  });

  test('both tensors are one storage', () => {
    const graph = network(image);
    const { storage } = build(graph, { mode: 'inference' });
    const of = (name: string): number => storage[graph.tensors.findIndex((tensor) => tensor.name === name)];
    expect(of('b')).toBe(of('a'));
    expect(of('y')).not.toBe(of('a'));
  });
});

test('half copies of weights live until autocast ends', () => {
  const graph = new ModelBuilder()
    .input('x', [4, 4])
    .parameter('w1', [4, 4])
    .parameter('w2', [4, 4])
    .operator('MatMul', ['x', 'w1'], ['h'])
    .operator('MatMul', ['h', 'w2'], ['y'])
    .build('y');
  const { step } = build(graph, { mode: 'inference', precision: 'bf16-autocast' });
  const casts = step.valueName.filter(
    (name, value) => name.endsWith('cast of input 1') && step.residentAtEnd[value],
  );
  expect(casts).toHaveLength(2);
  const kinds = step.valueKind.filter((_, value) => step.residentAtEnd[value]);
  expect(kinds.filter((kind) => kind === ValueKind.activation)).toHaveLength(3);
});
