import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bind } from '../../planner-core/graph/dim';
import type { ModelGraph } from '../../planner-core/graph/modelGraph';
import { countOf } from '../../planner-core/operators/dims';
import { concreteShape } from '../../planner-core/operators/folding';
import { inferTensors, type TensorTable } from '../../planner-core/operators/inferTensors';
import { ruleOf } from '../../planner-core/operators/registry';
import type { ConcreteTensor, StepContext } from '../../planner-core/operators/rule';
import { bytesOf } from '../../planner-core/graph/dtype';
import { OperatorContext } from '../../planner-core/step/operatorContext';
import { defaultWorkload } from '../../planner-core/step/workload';
import { dataFolder, hasTruth, openFile, readJson, strippedGraph } from './shapesData';

const folder113 = path.join(dataFolder, 'truth/pytorch-1.13');
const folder213 = path.join(dataFolder, 'truth/pytorch-2.13');

interface Point {
  readonly input: readonly (readonly number[])[];
  readonly output: readonly (readonly number[])[];
  readonly plan: string;
  readonly macs?: number;
}

/** Sizes for the named dimensions of the inputs; undefined when the file has other sizes built in. */
function bindingsFor(
  graph: ModelGraph,
  inputs: readonly (readonly number[])[],
): Record<string, number> | undefined {
  const bindings: Record<string, number> = {};
  for (const [position, id] of graph.inputs.entries()) {
    for (const [axis, dim] of (graph.tensors[id].shape ?? []).entries()) {
      const size = inputs[position][axis];
      if (typeof dim !== 'number') bindings[dim.text] = size;
      else if (dim !== size) return undefined;
    }
  }
  return bindings;
}

/** Tensors whose type or sizes are not all known. */
function unknownTensors(graph: ModelGraph, table: TensorTable): string[] {
  return graph.tensors
    .filter(({ id }) => countOf(table.facts[id]?.shape) === undefined)
    .map(({ id, name }) => `${name}: ${String(table.facts[id]?.shape)}`);
}

function totalMacs(graph: ModelGraph, table: TensorTable): number {
  const tensors = table.facts.map((facts, id): ConcreteTensor | undefined => {
    const shape = concreteShape(facts?.shape);
    const elements = countOf(shape);
    if (!facts || !shape || elements === undefined) return undefined;
    const { dtype } = facts;
    return { dtype, shape, elements, bytes: bytesOf(dtype, elements), role: graph.tensors[id].role };
  });
  const nothing = new Uint8Array(graph.tensors.length);
  return graph.operators.reduce((sum, operator) => {
    const context: StepContext = new OperatorContext(operator, graph, tensors, nothing, defaultWorkload);
    return sum + (ruleOf(operator)?.macs?.(context) ?? 0);
  }, 0);
}

const models113 = hasTruth
  ? readdirSync(path.join(folder113, 'truth')).map((file) => path.basename(file, '.json'))
  : [];
const onnx213 = hasTruth ? readdirSync(folder213).filter((file) => file.endsWith('.onnx')) : [];

describe.skipIf(!hasTruth)(`models measured with PyTorch 1.13 (needs ${folder113})`, () => {
  it.each(models113)(
    '%s: every shape is known, outputs and multiply-accumulates are as measured',
    (model) => {
      const { points } = readJson<{ points: Point[] }>(path.join(folder113, 'truth', `${model}.json`));
      for (const mode of ['eval', 'train']) {
        const graph = openFile(path.join(folder113, 'onnx', `${model}.${mode}.onnx`));
        let compared = 0;
        for (const { input, output, macs } of points.filter(({ plan }) => plan === 'none')) {
          const bindings = bindingsFor(graph, input);
          if (!bindings) continue;
          compared++;
          const table = inferTensors(graph, bindings);
          expect(table.unprofiledOperators).toEqual([]);
          expect(table.diagnostics).toEqual([]);
          expect(unknownTensors(graph, table)).toEqual([]);
          expect(graph.outputs.map((id) => table.facts[id]?.shape)).toEqual(output);
          if (mode === 'train') expect(totalMacs(graph, table)).toBe(macs);
        }
        expect(compared).toBeGreaterThan(1);
      }
    },
  );

  it.each(models113)('%s: inference without bindings agrees once its expressions are bound', (model) => {
    const { points } = readJson<{ points: Point[] }>(path.join(folder113, 'truth', `${model}.json`));
    const graph = openFile(path.join(folder113, 'onnx', `${model}.train.onnx`));
    const symbolic = inferTensors(graph, {});
    expect(symbolic.diagnostics).toEqual([]);
    const fitting = points.map(({ input }) => bindingsFor(graph, input)).find((bindings) => bindings)!;
    const bound = inferTensors(graph, fitting);
    for (const { id, name } of graph.tensors) {
      const shape = symbolic.facts[id]?.shape?.map((dim) => bind(dim, fitting));
      expect([name, shape]).toEqual([name, bound.facts[id]?.shape]);
    }
  });
});

describe.skipIf(!hasTruth)(`models exported by PyTorch 2.13 (needs ${folder213})`, () => {
  it.each(onnx213)('%s: every shape is known', (file) => {
    // Without what the exporter declares, so that every shape has to be inferred.
    const graph = strippedGraph(openFile(path.join(folder213, file)), [], false);
    const names = new Set(graph.inputs.flatMap((id) => (graph.tensors[id].shape ?? []).map(String)));
    const bindings = Object.fromEntries([...names].map((name, i) => [name, i === 0 ? 2 : 64]));
    const table = inferTensors(graph, bindings);
    expect(table.unprofiledOperators).toEqual([]);
    expect(table.diagnostics).toEqual([]);
    expect(unknownTensors(graph, table)).toEqual([]);
  });

  it.each(onnx213)('%s: inferred shapes agree with the declared ones', (file) => {
    const table = inferTensors(openFile(path.join(folder213, file)), {});
    expect(table.diagnostics).toEqual([]);
  });
});
