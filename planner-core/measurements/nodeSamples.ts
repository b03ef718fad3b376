import { appendTo } from '../base/groups';
import { Phase, type StepGraph } from '../step/stepGraph';
import type { MeasuredCall } from './measuredRun';
import type { MeasuredStep } from './measuredStep';
import type { StepCall } from './stepCalls';

/** What was measured of each node, once for every step that was recorded. */
export class NodeSamples {
  private readonly ms: number[][];
  private readonly held: number[][];
  private readonly grown: number[][];
  private readonly backwardNodes = new Map<number, number[]>();

  constructor(private readonly step: StepGraph) {
    const { nodeCount } = step;
    this.ms = Array.from({ length: nodeCount }, () => []);
    this.held = Array.from({ length: nodeCount }, () => []);
    this.grown = Array.from({ length: nodeCount }, () => []);
    for (let node = 0; node < nodeCount; node++) {
      if (step.nodePhase[node] !== Phase.backward) continue;
      appendTo(this.backwardNodes, step.nodeOperator[node], node);
    }
  }

  has(node: number): boolean {
    return this.ms[node].length > 0 || this.held[node].length > 0;
  }

  /** What ran for a node in one step: several calls where the measured program runs it in pieces; the last one makes the result. */
  add(node: number, calls: readonly MeasuredCall[], startBytes: number): void {
    const ms = calls.reduce((sum, call) => sum + call.ms, 0);
    if (!Number.isNaN(ms)) this.ms[node].push(ms);
    const { heldBytes } = calls[calls.length - 1];
    if (heldBytes !== undefined) this.held[node].push(heldBytes);
    const live = calls.flatMap(({ liveBytes }) => liveBytes ?? []);
    if (live.length > 0) this.grown[node].push(Math.max(...live) - startBytes);
  }

  /** A time for several nodes: each has the share of it that it is predicted to have. */
  addShared(nodes: readonly number[], ms: number): void {
    const { durationMs } = this.step;
    const predicted = nodes.reduce((sum, node) => sum + durationMs[node], 0);
    for (const node of nodes)
      this.ms[node].push(predicted > 0 ? (ms * durationMs[node]) / predicted : ms / nodes.length);
  }

  /** Backward functions by the operator that recorded them. */
  addBackward(byOperator: ReadonlyMap<number, readonly MeasuredCall[]>, startBytes: number): void {
    for (const [operator, calls] of byOperator) {
      const nodes = this.backwardNodes.get(operator);
      if (!nodes) continue;
      this.addShared(
        nodes,
        calls.reduce((sum, { ms }) => sum + ms, 0),
      );
      const live = calls.flatMap(({ liveBytes }) => liveBytes ?? []);
      if (live.length > 0) for (const node of nodes) this.grown[node].push(Math.max(...live) - startBytes);
    }
  }

  backwardOf(operator: number): readonly number[] {
    return this.backwardNodes.get(operator) ?? [];
  }

  /** Gives computations that were not measured the times of equal ones that were. Returns which. */
  reuse(nodes: readonly StepCall[]): Uint8Array {
    const isReused = new Uint8Array(this.step.nodeCount);
    const known = new Map<string, number[]>();
    for (const { node, classKey } of nodes) {
      if (this.ms[node].length === 0) continue;
      appendTo(known, classKey, median(this.ms[node]));
    }
    for (const { node, classKey } of nodes) {
      const equal = known.get(classKey);
      if (this.ms[node].length > 0 || !equal) continue;
      this.ms[node].push(median(equal));
      isReused[node] = 1;
    }
    return isReused;
  }

  medians(): Pick<MeasuredStep, 'nodeMs' | 'heldBytes' | 'grownBytes'> {
    return {
      nodeMs: Float64Array.from(this.ms, median),
      heldBytes: Float64Array.from(this.held, median),
      grownBytes: Float64Array.from(this.grown, median),
    };
  }
}

/** NaN of nothing. */
function median(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
