import type { ModelGraph, Operator } from '../graph/modelGraph';
import type { BuiltStep } from '../step/buildStep';
import type { ForwardRecord } from '../step/draft';
import type { Recognition } from '../recognition/recognise';
import { computationFamily } from './families';

/** A forward computation of a step with what it may be recognised by in a measurement. */
export interface StepCall {
  readonly node: number;
  readonly record: ForwardRecord;
  readonly name: string;
  /** Names of the operators of the file that are read as this one: what runs the file as it is runs them. */
  readonly pieces: readonly string[];
  readonly family: string;
  /** Elements of tensor inputs; the first result's when there is none. */
  readonly inputElements: readonly number[];
  readonly outputElements: number | undefined;
  readonly inputShapes: readonly (readonly number[])[];
  /** Names and classes of the modules around it. */
  readonly scopes: ReadonlySet<string>;
  /** The same for computations that run the same kernels: type, shapes, attributes. */
  readonly classKey: string;
}

/** The forward computations of a step in the order they run. */
export function stepCalls(
  graph: ModelGraph,
  built: BuiltStep,
  recognitions: readonly Recognition[] = [],
): StepCall[] {
  const piecesOf = piecesByOperator(recognitions);
  const scopesOf = new Map<number, ReadonlySet<string>>();
  return built.records.flatMap((record): StepCall[] => {
    if (record.kind !== 'compute') return [];
    const { context, node } = record;
    const { operator } = context;
    const inputs = operator.inputs.flatMap((_, i) => context.input(i) ?? []);
    const inputShapes = inputs.map(({ shape }) => shape).filter((shape) => shape.length > 0);
    let scopes = scopesOf.get(operator.module);
    if (!scopes) scopesOf.set(operator.module, (scopes = scopesAround(graph, operator.module)));
    return [
      {
        node,
        record,
        name: operator.name,
        pieces: piecesOf.get(operator.name) ?? [],
        family: computationFamily(operator.type),
        inputElements: inputShapes.map(elementsOf),
        outputElements: context.output(0)?.elements,
        inputShapes,
        scopes,
        classKey: classKey(operator, inputShapes, context.output(0)?.shape ?? [], context.output(0)?.dtype),
      },
    ];
  });
}

/** What was read as a call may have been read as a larger one later: its pieces are that one's. */
function piecesByOperator(recognitions: readonly Recognition[]): Map<string, string[]> {
  const piecesOf = new Map<string, string[]>();
  for (const { operator, pieces } of recognitions) {
    const all = pieces.flatMap((piece) => [
      piece,
      ...(piece === operator ? [] : (piecesOf.get(piece) ?? [])),
    ]);
    piecesOf.set(operator, [...new Set([...(piecesOf.get(operator) ?? []), ...all])]);
  }
  return piecesOf;
}

export const elementsOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

function scopesAround(graph: ModelGraph, module: number): ReadonlySet<string> {
  const scopes = new Set<string>();
  for (let at = module; at >= 0; at = graph.modules[at].parent) {
    const { name, className } = graph.modules[at];
    if (name !== '') scopes.add(name);
    if (className) scopes.add(className);
  }
  return scopes;
}

function classKey(
  { domain, type, attributes }: Operator,
  inputs: readonly (readonly number[])[],
  output: readonly number[],
  dtype: string | undefined,
): string {
  const plain = [...attributes]
    .filter(([, { kind }]) => kind !== 'graph' && kind !== 'tensor')
    .map(([name, { value }]) => [name, value] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([domain, type, dtype, inputs, output, plain]);
}
