import { appendTo } from '../base/groups';
import type { ModelGraph, Operator } from '../graph/modelGraph';
import { exportedCall } from '../operators/exportedCall';
import { matchAt, type Match } from './match';
import type { Pattern, PatternContext } from './pattern';
import type { Recognition, RecognisedGraph } from './recognise';

/** Looks for every pattern at every operator. The graph still has what only the pieces read. */
export function recogniseRound(
  context: PatternContext,
  patterns: readonly Pattern[],
  off: ReadonlySet<string>,
): RecognisedGraph {
  const { graph, index } = context;
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
        source: read.call === undefined ? operator.source : { ...operator.source, fxNode: read.call },
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
  return { graph: { ...graph, operators }, recognitions: recognitions.reverse() };
}

function patternsByType(
  active: readonly Pattern[],
): Map<string, { pattern: Pattern; template: Pattern['templates'][number] }[]> {
  const byType = new Map<string, { pattern: Pattern; template: Pattern['templates'][number] }[]>();
  for (const pattern of active) {
    for (const template of pattern.templates) {
      for (const type of template.types) appendTo(byType, type, { pattern, template });
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
