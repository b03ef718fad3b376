import { appendTo } from '../base/groups';
import type { ModelGraph } from '../graph/modelGraph';
import type { MeasuredCall } from './measuredRun';
import type { NodeSamples } from './nodeSamples';
import type { StepCall } from './stepCalls';
import type { Tally } from './tally';

/** Puts the rows of a table to layers by their names: an operator's to its nodes, a module's to all nodes in it. */
export function matchTable(
  graph: ModelGraph,
  nodes: readonly StepCall[],
  calls: readonly MeasuredCall[],
  found: NodeSamples,
  tally: Tally,
): void {
  const byOperator = new Map(nodes.map((call) => [call.name, [call]]));
  const byModule = callsByModule(graph, nodes);
  for (const call of calls) {
    const own = byOperator.get(call.name) ?? byModule.get(call.name);
    tally.add(call, own !== undefined);
    if (!own) continue;
    const forward = own.map(({ node }) => node);
    const backward = own.flatMap(({ record }) => found.backwardOf(record.operator));
    if (call.phase === 'backward') found.addShared(backward, call.ms);
    else if (forward.length === 1) found.add(forward[0], [call], 0);
    else if (!Number.isNaN(call.ms)) found.addShared(forward, call.ms);
  }
}

/** The computations inside each module, by its qualified name. */
function callsByModule(graph: ModelGraph, nodes: readonly StepCall[]): Map<string, StepCall[]> {
  const inside = new Map<string, StepCall[]>();
  for (const call of nodes) {
    let at = call.record.context.operator.module;
    for (; at >= 0; at = graph.modules[at].parent) {
      const { name } = graph.modules[at];
      appendTo(inside, name, call);
    }
  }
  return inside;
}
