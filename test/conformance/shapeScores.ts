import path from 'node:path';
import { symbolsOf } from '../../planner-core/graph/dim';
import type { ModelGraph } from '../../planner-core/graph/modelGraph';
import { dataDependentMark } from '../../planner-core/operators/dims';
import { inferTensors, type TensorTable } from '../../planner-core/operators/inferTensors';
import { conformanceCases, openFile, strippedGraph, type ConformanceCase } from './shapesData';

/** How shape inference does on the ONNX test suite; counts are of executed tensors. */
export interface ShapeScores {
  readonly cases: number;
  /** Cases whose file is read without an error. */
  readonly parsed: number;
  /** A number that is not the real size, another rank, or another element type. */
  readonly wrong: number;
  /** Element type and every size as they really were. */
  readonly exact: number;
  /** Nothing wrong, but a size is left open. */
  readonly partial: number;
  /** Not even the rank is known. */
  readonly unknown: number;
  /**
   * The part of all tensors that are exact, from 0 to 1, not counting those whose open sizes all come from operators
   * that have to see the data (`sizesFromData`).
   */
  readonly exactOfStatic: number;
}

/** Operators whose result has as many elements as their data say, however much is known about shapes. */
const sizesFromData: ReadonlySet<string> = new Set([
  'Compress',
  'ImageDecoder',
  'NonMaxSuppression',
  'NonZero',
  'StringNormalizer',
  'StringSplit',
  'Unique',
]);

type Verdict = 'exact' | 'partial' | 'unknown' | 'wrong';
type Facts = TensorTable['facts'][number];

/** Compares what was inferred about one tensor with what running the model gave. */
function verdictOn(
  facts: Facts,
  actual: { readonly dtype?: string; readonly shape: readonly number[] },
): Verdict {
  if (!facts) return 'unknown';
  if (actual.dtype && actual.dtype !== facts.dtype) return 'wrong';
  if (!facts.shape) return 'unknown';
  if (facts.shape.length !== actual.shape.length) return 'wrong';
  if (facts.shape.some((dim, axis) => typeof dim === 'number' && dim !== actual.shape[axis])) return 'wrong';
  return facts.shape.every((dim) => typeof dim === 'number') ? 'exact' : 'partial';
}

/** True when every open size of a tensor is made by operators that have to see the data. */
function isFromData(facts: Facts, types: ReadonlyMap<string, string>): boolean {
  const open = facts?.shape?.flatMap((dim) => [...symbolsOf(dim)]) ?? [];
  return (
    open.length > 0 &&
    open.every((name) => {
      const operator = name.slice(0, name.lastIndexOf(dataDependentMark));
      return sizesFromData.has(types.get(operator) ?? '');
    })
  );
}

/** All that is judged about the suite. */
export interface Judgement {
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Tensors that are not exact although nothing about them depends on data: "case/tensor: inferred, really ...". */
  readonly open: readonly string[];
  readonly fromData: number;
  readonly wrong: readonly string[];
  /** Diagnostics about valid models. */
  readonly complaints: readonly string[];
}

/** Judges every computed tensor of every case; `values`: small inputs are known. */
export function judge(
  cases: readonly ConformanceCase[],
  models: ReadonlyMap<string, ModelGraph>,
  values: boolean,
): Judgement {
  const counts = { exact: 0, partial: 0, unknown: 0, wrong: 0 };
  const [open, wrong, complaints]: string[][] = [[], [], []];
  let fromData = 0;
  for (const { name, inputs, executed } of cases) {
    const model = models.get(name);
    if (!model) continue;
    const graph = strippedGraph(model, inputs, values);
    const table = inferTensors(graph, {});
    const types = new Map(graph.operators.map((operator) => [operator.name, operator.type]));
    for (const { code, message } of table.diagnostics) complaints.push(`${name}: ${code} ${message}`);
    for (const tensor of graph.tensors) {
      const actual = tensor.role === 'activation' ? executed.get(tensor.name) : undefined;
      if (!actual) continue;
      const facts = table.facts[tensor.id];
      const verdict = verdictOn(facts, actual);
      counts[verdict]++;
      if (verdict === 'exact') continue;
      const line = `${name}/${tensor.name}: ${facts?.dtype} [${String(facts?.shape)}], really ${actual.dtype} [${String(actual.shape)}]`;
      if (verdict === 'wrong') wrong.push(line);
      else if (isFromData(facts, types)) fromData++;
      else open.push(line);
    }
  }
  return { counts, open, fromData, wrong, complaints };
}

/** Every file of the suite that can be read, by case name. */
export function openCases(cases: readonly ConformanceCase[]): ReadonlyMap<string, ModelGraph> {
  const models = new Map<string, ModelGraph>();
  for (const { name, folder } of cases) {
    try {
      models.set(name, openFile(path.join(folder, 'model.onnx')));
    } catch {
      // Counted: it is missing from `parsed`.
    }
  }
  return models;
}

/** Scores on the ONNX test suite with small inputs known. Call it only where `hasConformanceData`. */
export function shapeScores(): ShapeScores {
  const cases = conformanceCases();
  const models = openCases(cases);
  const { counts, fromData } = judge(cases, models, true);
  const all = counts.exact + counts.partial + counts.unknown + counts.wrong;
  return {
    cases: cases.length,
    parsed: models.size,
    ...counts,
    exactOfStatic: counts.exact / (all - fromData),
  };
}
