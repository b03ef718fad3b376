import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { findDevice } from '../../../planner-core/devices/catalogue';
import { openModel } from '../../../planner-core/formats/openModel';
import { layerIndexOf } from '../../../planner-core/plan/layerIndex';
import { buildStep } from '../../../planner-core/step/buildStep';
import { StepBuilder } from '../../../planner-core/step/stepBuilder';
import { Phase, ValueKind } from '../../../planner-core/step/stepGraph';
import { defaultWorkload } from '../../../planner-core/step/workload';
import { layeredProblem } from '../support/layeredStep';

describe('layerIndexOf', () => {
  const { step, layers } = layeredProblem(3);
  const layer = (name: string) => layers.layerByName.get(name)!;

  it('counts the nodes of sub-modules in', () => {
    expect(layer('layers').forwardNodes).toHaveLength(9);
    expect(layer('layers.1').forwardNodes).toEqual([3, 4, 5]);
    expect(layer('layers.1.norm').forwardNodes).toEqual([4]);
    expect(layers.nodesByOperator.get('/layers.2/act')).toEqual([8]);
  });

  it('finds the blocks', () => {
    expect(layers.blocks.map((id) => layers.layers[id].name)).toEqual(['layers.0', 'layers.1', 'layers.2']);
    const region = layers.regionOfNode[layers.nodesByOperator.get('/layers.1/norm')![0]];
    expect(layers.layers[region].name).toBe('layers.1');
    const backward = step.nodeName.indexOf('/layers.1/norm backward');
    expect(layers.regionOfNode[backward]).toBe(region);
  });

  it('lets only modules be wrapped whose backward reads something they make', () => {
    // A linear layer keeps its input, which is made outside of it; the activation keeps its own result.
    expect(layer('layers.0.linear').checkpointable).toBe(false);
    expect(layer('layers.0.act').checkpointable).toBe(true);
    expect(layer('layers.0').checkpointable).toBe(true);
    expect(layer('').checkpointable).toBe(false);
  });

  it('recomputes a module up to the last result its backward needs, when backward first needs one', () => {
    const { recomputation } = layer('layers.2');
    expect(step.nodeName[recomputation!.before]).toBe('/layers.2/act backward');
    expect(recomputation!.nodes.map((node) => step.nodeName[node])).toEqual([
      '/layers.2/linear',
      '/layers.2/norm',
      '/layers.2/act',
    ]);
  });

  it('does not wrap what leaves a module and comes back, nor what cannot run again', () => {
    const builder = new StepBuilder();
    const value = (name: string) => builder.value({ name, bytes: 1, kind: ValueKind.activation });
    const [a, b, c, gradient] = ['a', 'b', 'c', 'gradient'].map(value);
    const node = (
      name: string,
      module: number,
      inputs: number[],
      outputs: number[],
      phase: Phase = Phase.forward,
    ) =>
      builder.node({
        name,
        phase,
        operator: 0,
        module,
        inputs,
        outputs,
        durationMs: [1],
        recomputable: phase === Phase.forward && name !== 'fixed',
      });
    node('first', 1, [], [a]);
    node('outside', 0, [a], [b]);
    node('second', 1, [b], [c]);
    node('fixed', 2, [c], [gradient]);
    node('backward 1', 1, [c, gradient], [value('g1')], Phase.backward);
    node('backward 2', 2, [gradient], [value('g2')], Phase.backward);
    const modules = [
      { id: 0, name: '', parent: 0, children: [1, 2] },
      { id: 1, name: 'split', parent: 0, children: [] },
      { id: 2, name: 'fixed', parent: 0, children: [] },
    ];
    const index = layerIndexOf(modules, builder.build(['d'], new Float64Array(4), []));
    expect(index.layerByName.get('split')!.checkpointable).toBe(false);
    expect(index.layerByName.get('fixed')!.checkpointable).toBe(false);
  });
});

const truth = path.resolve(import.meta.dirname, '../../../../shared/data/truth');
const workload = { ...defaultWorkload, dims: { batch: 2 } };
const devices = [{ id: 'gpu0', spec: findDevice('RTX 4090')! }];

function blocksOf(file: string): string[] {
  const graph = openModel(new MemoryByteSource(readFileSync(file)), path.basename(file));
  const { step } = buildStep(graph, workload, devices);
  const { blocks, layers } = layerIndexOf(graph.modules, step);
  return blocks.map((id) => layers[id].name);
}

describe.skipIf(!existsSync(truth))('blocks of the reference models (shared data needed)', () => {
  /** Slices of a Sequential are no modules; fcn also wraps its classifier, which is no block of a chain. */
  const others = new Set(['vgg16', 'fcn_resnet50']);
  const folder = path.join(truth, 'pytorch-1.13');

  it.each(existsSync(folder) ? readdirSync(path.join(folder, 'truth')) : [])(
    'are those people wrap: %s',
    (file) => {
      const name = path.basename(file, '.json');
      const { blocks } = JSON.parse(readFileSync(path.join(folder, 'truth', file), 'utf8')) as {
        blocks: string[];
      };
      const train = path.join(folder, 'onnx', `${name}.train.onnx`);
      const found = blocksOf(existsSync(train) ? train : path.join(folder, 'onnx', `${name}.eval.onnx`));
      if (others.has(name)) expect(found.length).toBeGreaterThan(0);
      else expect(found).toEqual(blocks);
    },
  );
});
