import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelGraph } from '../../planner-core/graph/modelGraph';
import { inferTensors, type TensorTable } from '../../planner-core/operators/inferTensors';
import {
  conformanceCases,
  conformanceFolder,
  hasConformanceData,
  openFile,
  strippedGraph,
  type ConformanceCase,
} from './shapesData';

type Verdict = 'exact' | 'partial' | 'unknown' | 'wrong';

/** Compares what was inferred about one tensor with what running the model gave. */
function verdictOn(
  facts: TensorTable['facts'][number],
  actual: { readonly dtype?: string; readonly shape: readonly number[] },
): Verdict {
  if (!facts) return 'unknown';
  if (actual.dtype && actual.dtype !== facts.dtype) return 'wrong';
  if (!facts.shape) return 'unknown';
  if (facts.shape.length !== actual.shape.length) return 'wrong';
  const numbers = facts.shape.filter((dim, axis) => {
    if (typeof dim !== 'number') return false;
    return dim === actual.shape[axis];
  });
  const isWrong = facts.shape.some((dim, axis) => typeof dim === 'number' && dim !== actual.shape[axis]);
  return isWrong ? 'wrong' : numbers.length === actual.shape.length ? 'exact' : 'partial';
}

interface Tally {
  readonly counts: Record<Verdict, number>;
  readonly wrong: string[];
  readonly complaints: string[];
}

/** Judges every computed tensor of every case. */
function judge(
  cases: readonly ConformanceCase[],
  models: ReadonlyMap<string, ModelGraph>,
  values: boolean,
): Tally {
  const tally: Tally = { counts: { exact: 0, partial: 0, unknown: 0, wrong: 0 }, wrong: [], complaints: [] };
  for (const { name, inputs, executed } of cases) {
    const graph = strippedGraph(models.get(name)!, inputs, values);
    const table = inferTensors(graph, {});
    for (const { code, message } of table.diagnostics) tally.complaints.push(`${name}: ${code} ${message}`);
    for (const tensor of graph.tensors) {
      const actual = tensor.role === 'activation' ? executed.get(tensor.name) : undefined;
      if (!actual) continue;
      const verdict = verdictOn(table.facts[tensor.id], actual);
      tally.counts[verdict]++;
      if (verdict === 'wrong') {
        const inferred = table.facts[tensor.id];
        tally.wrong.push(
          `${name}/${tensor.name}: ${inferred?.dtype} [${String(inferred?.shape)}], really ${actual.dtype} [${String(actual.shape)}]`,
        );
      }
    }
  }
  return tally;
}

describe.skipIf(!hasConformanceData)(`shapes of the ONNX test suite (needs ${conformanceFolder})`, () => {
  const cases = hasConformanceData ? conformanceCases() : [];
  const models = new Map(cases.map(({ name, folder }) => [name, openFile(path.join(folder, 'model.onnx'))]));

  it('finds the suite', () => {
    expect(cases.length).toBeGreaterThan(1000);
  });

  it.each([
    ['from types and shapes alone', false],
    ['with small inputs known', true],
  ])('infers no wrong shape or type %s', (title, values) => {
    const { counts, wrong, complaints } = judge(cases, models, values);
    console.info(`${title}: ${JSON.stringify(counts)}`);
    expect(wrong).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('names the operators it has no rule for', () => {
    const unprofiled = new Set(
      [...models.values()].flatMap((graph) => inferTensors(graph, {}).unprofiledOperators),
    );
    console.info(`without a rule: ${[...unprofiled].sort().join(' ')}`);
    expect(
      [...unprofiled].filter((type) => /^(Conv|MatMul|Gemm|Relu|Reshape|LSTM|Attention)$/.test(type)),
    ).toEqual([]);
  });
});
