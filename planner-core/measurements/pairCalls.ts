import type { Job } from '../base/job';
import { alignCalls } from './alignCalls';
import type { MeasuredCall } from './measuredRun';
import type { StepCall } from './stepCalls';

/**
 * By measured call of a forward pass: index of the computation it is, or is a piece of; -1 for none. By name where the names are the
 * file's, else by kind, shapes and order.
 */
export async function pairCalls(
  nodes: readonly StepCall[],
  calls: readonly MeasuredCall[],
  job: Job,
): Promise<Int32Array> {
  const byName = new Map(nodes.flatMap(({ pieces }, i) => pieces.map((piece) => [piece, i])));
  nodes.forEach(({ name }, i) => byName.set(name, i));
  const nodeOfCall = Int32Array.from(calls, ({ name }) => byName.get(originalName(name)) ?? -1);
  const contradicted = new Set(nodeOfCall.filter((at, i) => at >= 0 && makesOther(nodes[at], calls[i])));
  for (let i = 0; i < calls.length; i++) if (contradicted.has(nodeOfCall[i])) nodeOfCall[i] = -1;
  const taken = new Set(nodeOfCall);
  const leftNodes = nodes.map((_, i) => i).filter((i) => !taken.has(i));
  const leftCalls = calls.map((_, i) => i).filter((i) => nodeOfCall[i] < 0);
  const pairs = await alignCalls(
    leftNodes.map((i) => nodes[i]),
    leftCalls.map((i) => calls[i]),
    job,
  );
  for (const [node, call] of pairs) nodeOfCall[leftCalls[call]] = leftNodes[node];
  return nodeOfCall;
}

/** Exporters number nodes, so that names of one model are those of another: what comes out tells them apart. */
const makesOther = ({ name, outputElements }: StepCall, call: MeasuredCall): boolean =>
  name === call.name &&
  outputElements !== undefined &&
  call.outputElements !== undefined &&
  call.outputElements !== outputElements;

/** ONNX Runtime names what it makes of a node after it. */
const originalName = (name: string): string =>
  name.replace(/\/[A-Za-z]+Fusion\/?$/, '').replace(/_(nchwc|token_\d+)$/, '');
