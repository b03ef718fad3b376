import type { ModelGraph, Operator, Tensor, TensorId } from '../graph/modelGraph';
import { exportedCall } from '../operators/exportedCall';
import type { TensorTable } from '../operators/inferTensors';
import type { TensorFacts } from '../operators/rule';
import { isDataFree } from './dataFree';
import { GraphIndex, tensorsRead } from './graphIndex';
import { matchAt, type Match } from './match';
import type { Pattern, PatternContext } from './pattern';
import { rounds } from './patterns';
import { restorationsAfter, restorationsBefore } from './restorations';
import type { Restoration } from './restorations/restoration';

/** One place of a model that is read as the PyTorch call it was exported from. */
export interface Recognition {
  readonly pattern: string;
  readonly readAs: string;
  /** Name of the operator it has become, which is that of its last piece. */
  readonly operator: string;
  /** Names of the pieces in the file. */
  readonly pieces: readonly string[];
  /** Whether the exporter says so, or only the structure. */
  readonly by: 'metadata' | 'structure';
}

export interface RecognisedGraph {
  readonly graph: ModelGraph;
  readonly recognitions: readonly Recognition[];
}

/**
 * Reads the pieces an exporter has taken PyTorch calls apart into as those calls again, since what autograd keeps
 * depends on the call. `asExported` names patterns, or operators, to leave as they are.
 */
export function recognise(
  graph: ModelGraph,
  facts: TensorTable['facts'],
  asExported: readonly string[],
): RecognisedGraph {
  const off = new Set(asExported);
  const restoring = (restore: Restoration) => (at: ModelGraph) => {
    const index = new GraphIndex(at);
    const restored = restore(contextOf(index, facts), off);
    return { ...restored, graph: withoutUnread(restored.graph, index) };
  };
  const steps: ((graph: ModelGraph) => RecognisedGraph)[] = [
    ...restorationsBefore.map(restoring),
    ...rounds.map((patterns) => (at: ModelGraph) => recogniseRound(at, facts, patterns, off)),
    ...restorationsAfter.map(restoring),
  ];
  const recognitions: Recognition[] = [];
  let current = graph;
  for (const step of steps) {
    const found = step(current);
    current = found.graph;
    for (const recognition of found.recognitions) recognitions.push(recognition);
  }
  return { graph: current, recognitions };
}

function contextOf(index: GraphIndex, facts: TensorTable['facts']): PatternContext {
  return {
    graph: index.graph,
    factsOf: (tensor) => facts[tensor] ?? storedFacts(index.graph.tensors[tensor]),
    producerOf: (tensor) => index.graph.operators[index.producerOf(tensor)],
    isDataFree: (tensor) => isDataFree(index, tensor),
  };
}

/** A tensor that a restoration added. */
const storedFacts = ({ dtype, shape }: Tensor): TensorFacts | undefined => dtype && { dtype, shape };

function recogniseRound(
  graph: ModelGraph,
  facts: TensorTable['facts'],
  patterns: readonly Pattern[],
  off: ReadonlySet<string>,
): RecognisedGraph {
  const index = new GraphIndex(graph);
  const context = contextOf(index, facts);
  const active = patternsByType(patterns.filter(({ name }) => !off.has(name)));
  const taken = new Uint8Array(graph.operators.length);
  const replacement = new Map<number, Operator>();
  const recognitions: Recognition[] = [];
  // Results come after their pieces: from the end, the largest form of a pattern is met first.
  for (let root = graph.operators.length - 1; root >= 0; root--) {
    const operator = graph.operators[root];
    if (taken[root] || off.has(operator.name)) continue;
    for (const { pattern, template } of active.get(operator.type) ?? []) {
      const match = matchAt(index, template, root);
      if (!match || match.operators.some((piece) => taken[piece])) continue;
      const by = provenance(match, graph, pattern);
      const read = by && pattern.read(match, context);
      if (!read) continue;
      for (const piece of match.operators) taken[piece] = 1;
      replacement.set(root, {
        ...operator,
        domain: read.domain ?? '',
        type: read.type,
        inputs: read.inputs,
        attributes: read.attributes ?? new Map(),
      });
      recognitions.push({
        pattern: pattern.name,
        readAs: pattern.readAs,
        operator: operator.name,
        pieces: [...match.operators].sort((a, b) => a - b).map((piece) => graph.operators[piece].name),
        by,
      });
      break;
    }
  }
  const operators = graph.operators.flatMap((operator, at) => {
    const read = replacement.get(at);
    return read ? [read] : taken[at] ? [] : [operator];
  });
  return { graph: withoutUnread({ ...graph, operators }, index), recognitions: recognitions.reverse() };
}

/** Drops what only pieces read that are gone now, such as a mask that a call makes itself. */
function withoutUnread(graph: ModelGraph, before: GraphIndex): ModelGraph {
  const reads = new Int32Array(graph.tensors.length);
  for (const id of graph.outputs) reads[id]++;
  for (const operator of graph.operators) for (const id of tensorsRead(operator)) reads[id]++;
  const isGone = (id: TensorId): boolean => id < 0 || reads[id] === 0;
  const kept: Operator[] = [];
  for (const operator of [...graph.operators].reverse()) {
    const wasRead = operator.outputs.some((id) => id >= 0 && before.readsOf(id) > 0);
    if (wasRead && operator.outputs.every(isGone)) for (const id of tensorsRead(operator)) reads[id]--;
    else kept.push(operator);
  }
  // What nobody reads any more and the program does not declare was part of the pieces: it is no tensor of the program.
  const isOfPieces = ({ role, name }: Tensor): boolean =>
    role === 'constant' || (role === 'parameter' && graph.declared?.has(name) === false);
  const tensors = graph.tensors.map((tensor) =>
    isOfPieces(tensor) && isGone(tensor.id) && before.readsOf(tensor.id) > 0
      ? { ...tensor, role: 'activation' as const }
      : tensor,
  );
  return { ...graph, operators: kept.reverse(), tensors };
}

function patternsByType(
  active: readonly Pattern[],
): Map<string, { pattern: Pattern; template: Pattern['templates'][number] }[]> {
  const byType = new Map<string, { pattern: Pattern; template: Pattern['templates'][number] }[]>();
  for (const pattern of active) {
    for (const template of pattern.templates) {
      for (const type of template.types) {
        const list = byType.get(type) ?? [];
        list.push({ pattern, template });
        byType.set(type, list);
      }
    }
  }
  return byType;
}

/**
 * The exporter of torch.export programs says for every operator which call it comes from. Pieces of several calls were
 * several calls in the program too: undefined, whatever they look like.
 */
function provenance(match: Match, graph: ModelGraph, pattern: Pattern): Recognition['by'] | undefined {
  if (!pattern.calls) return 'structure';
  const sources = match.operators.map((piece) => graph.operators[piece].source?.fxNode);
  if (sources.every((source) => source === undefined)) return 'structure';
  const [first] = sources;
  const isOneCall = first !== undefined && sources.every((source) => source === first);
  const call = exportedCall(graph.operators[match.operators[0]]);
  return isOneCall && call !== undefined && pattern.calls.includes(call) ? 'metadata' : undefined;
}
