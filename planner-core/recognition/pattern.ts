import type { AttributeValue, ModelGraph, Operator, TensorId } from '../graph/modelGraph';
import type { TensorFacts } from '../operators/rule';
import type { GraphIndex } from './graphIndex';
import type { Match } from './match';
import type { OperatorTemplate } from './template';

/** The operator a match is read as: its type and inputs; name, module and results are those of the match. */
export interface ReadOperator {
  readonly type: string;
  readonly domain?: string;
  readonly inputs: readonly TensorId[];
  readonly attributes?: ReadonlyMap<string, AttributeValue>;
  /** The call it comes from, where that is another than the last piece's. */
  readonly call?: string;
}

/** What a pattern may ask of the graph around a match. */
export interface PatternContext {
  readonly graph: ModelGraph;
  readonly index: GraphIndex;
  factsOf(tensor: TensorId): TensorFacts | undefined;
  producerOf(tensor: TensorId): Operator | undefined;
  /** True for what is computed from sizes and literals only: neither inputs nor parameters decide its elements. */
  isDataFree(tensor: TensorId): boolean;
  /** True for an attention mask that sizes decide and that hides nothing. */
  isVisibleMask(tensor: TensorId): boolean;
}

/**
 * How an exporter writes one PyTorch call. A pattern does not decide alone: where the exporter says which call each
 * operator comes from, all pieces must come from the same one, of one of the `calls`.
 */
export interface Pattern {
  /** Name under which a user can switch it off. */
  readonly name: string;
  /** The PyTorch call, for people. */
  readonly readAs: string;
  /**
   * Names of the ATen operators (without overload) that the exporter decomposes this way; absent for what a program
   * writes in several calls, so that only the structure can tell.
   */
  readonly calls?: readonly string[];
  readonly templates: readonly OperatorTemplate[];
  /** undefined: the match is something else after all. */
  read(match: Match, context: PatternContext): ReadOperator | undefined;
}

export const int = (value: number): AttributeValue => ({ kind: 'int', value });
export const float = (value: number): AttributeValue => ({ kind: 'float', value });
export const string = (value: string): AttributeValue => ({ kind: 'string', value });

/** The integers of an attribute, or of the constant input that took its place in newer operator sets. */
export function intsOf(
  operator: Operator | undefined,
  attribute: string,
  input: number,
  graph: ModelGraph,
): readonly number[] | undefined {
  const given = operator?.attributes.get(attribute);
  if (given?.kind === 'ints') return given.value;
  return graph.tensors[operator?.inputs[input] ?? -1]?.elements;
}
