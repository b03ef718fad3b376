import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { defaultDeviceName, findDevice } from '../../../planner-core/devices/catalogue';
import { openModel } from '../../../planner-core/formats/openModel';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { inferTensors } from '../../../planner-core/operators/inferTensors';
import { layerIndexOf } from '../../../planner-core/plan/layerIndex';
import { layerRows } from '../../../planner-core/session/layers';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { keepEverything } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { buildStep } from '../../../planner-core/step/buildStep';
import { Phase } from '../../../planner-core/step/stepGraph';
import { defaultWorkload } from '../../../planner-core/step/workload';
import { generatedModels } from '../../fixtures/generatedModels';
import { ModelSketch } from '../../fixtures/generatedModels/modelSketch';
import { onnxFile, type ModelSpec } from '../../fixtures/onnx-builder/onnx';

/** Beyond what an engine takes as arguments of one call, or as depth of recursion. */
const many = 130_000;
/** Long enough for a busy machine: nothing is asserted about time. */

const device = { id: 'gpu0', spec: findDevice(defaultDeviceName)! };
const open = (spec: ModelSpec): ModelGraph => openModel(new MemoryByteSource(onnxFile(spec)), 'large.onnx');

/** Everything between a file and its first picture. */
function picture(graph: ModelGraph) {
  const table = inferTensors(graph, {});
  const built = buildStep(graph, { ...defaultWorkload, dims: { batch: 2 } }, [device]);
  const index = layerIndexOf(graph.modules, built.step);
  const checkpointable = new Set(index.layers.filter((layer) => layer.checkpointable).map(({ id }) => id));
  const rows = layerRows(graph, built, checkpointable);
  const simulation = simulate(built.step, compileSchedule(built.step, keepEverything));
  return { table, built, index, rows, simulation };
}

/** Rectifiers one after the other; all in one module, whose weight makes gradients flow. */
function oneModule(operators: number): ModelSpec {
  const sketch = new ModelSketch([{ name: 'x', type: 'float', dims: ['batch', 4] }]);
  const output = sketch.inside('body', () => {
    let x = sketch.one('Mul', ['x', sketch.weight('scale', [4])]);
    for (let i = 1; i < operators; i++) x = sketch.one('Relu', [x]);
    return x;
  });
  return sketch.model([output]);
}

describe('models of more than 100,000 operators', () => {
  it('a chain in one module', () => {
    const { table, built, index, rows, simulation } = picture(open(oneModule(many)));
    expect(table.diagnostics).toEqual([]);
    const forward = built.step.nodePhase.filter((phase) => phase === Phase.forward).length;
    expect(forward).toBe(many);
    // Each Relu keeps its output, 2 x 4 floats; the last one is the model's output and outlives the step.
    const body = rows.find((row) => row.name === 'body')!;
    expect(body.forwardNodes).toHaveLength(many);
    expect(body.savedBytes).toBe((many - 1) * 32);
    expect(index.layerByName.get('body')?.recomputation?.nodes).toHaveLength(many - 1);
    expect(simulation.peakBytes).toBeGreaterThanOrEqual((many - 1) * 32);
  });

  it('branches that one operator joins', () => {
    const graph = open(generatedModels['wide branches'](many));
    const { table, built, rows } = picture(graph);
    expect(table.diagnostics).toEqual([]);
    const join = graph.operators.at(-1)!;
    expect(join.type).toBe('Concat');
    // Every branch has the stem's eight channels.
    expect(table.facts[join.outputs[0]]?.shape?.[1]).toBe(join.inputs.length * 8);
    expect(rows.filter((row) => row.kind === 'operator')).toHaveLength(graph.operators.length);
    expect(built.step.diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  it('a chain whose nodes the file lists last to first', () => {
    const spec = oneModule(many);
    const graph = open({ ...spec, nodes: [...spec.nodes!].reverse() });
    expect(graph.operators).toHaveLength(many);
    expect(graph.operators[0].type).toBe('Mul');
    expect(graph.operators.at(-1)!.outputs).toEqual(graph.outputs);
  });
});

describe('the same step whatever the size', () => {
  it.each(Object.keys(generatedModels))('%s: work grows with the operators', (name) => {
    const perOperator = [600, 6_000].map((operators) => {
      const graph = open(generatedModels[name](operators));
      const { table, built } = picture(graph);
      expect(table.diagnostics).toEqual([]);
      return { nodes: built.step.nodeCount / graph.operators.length };
    });
    expect(perOperator[1].nodes / perOperator[0].nodes).toBeCloseTo(1, 1);
  });
});
