import type { MeasuredStep } from '../measurements/measuredStep';
import { Phase, type StepGraph } from '../step/stepGraph';
import type { LayerRow } from './types';

/** What was measured of a layer, beside what is predicted of the same computations. NaN where nothing was measured. */
export interface MeasuredLayer {
  readonly forwardMs: number;
  readonly backwardMs: number;
  /** Predicted time of those of its computations that were measured. */
  readonly predictedMs: number;
  readonly heldBytes: number;
  /** Bytes that those of its forward computations that were measured are predicted to make. */
  readonly predictedBytes: number;
  /** Share of its computations with a time of their own, 0..1; the others have that of an equal one, or none. */
  readonly ownShare: number;
}

const sums = ['forwardMs', 'backwardMs', 'predictedMs', 'heldBytes', 'predictedBytes'] as const;
type Sum = (typeof sums)[number];

/** What was measured of each row of the layer tree: an operator's computations, and for a module the sum of what is in it. */
export function measuredLayers(
  step: StepGraph,
  layers: readonly LayerRow[],
  measured: MeasuredStep,
): MeasuredLayer[] {
  const totals = layers.map(() => ({
    ...(Object.fromEntries(sums.map((name) => [name, NaN])) as Record<Sum, number>),
    own: 0,
    all: 0,
  }));
  const add = (row: number, name: Sum, amount: number): void => {
    if (Number.isNaN(amount)) return;
    const total = totals[row];
    total[name] = Number.isNaN(total[name]) ? amount : total[name] + amount;
  };
  const rowOfOperator = new Map<number, number>();
  for (const { id, kind, forwardNodes } of layers)
    if (kind === 'operator') for (const node of forwardNodes) rowOfOperator.set(step.nodeOperator[node], id);
  for (let node = 0; node < step.nodeCount; node++) {
    const row = rowOfOperator.get(step.nodeOperator[node]);
    const phase = step.nodePhase[node];
    if (row === undefined || (phase !== Phase.forward && phase !== Phase.backward)) continue;
    totals[row].all++;
    const ms = measured.nodeMs[node];
    if (!Number.isNaN(ms)) {
      add(row, phase === Phase.forward ? 'forwardMs' : 'backwardMs', ms);
      add(row, 'predictedMs', step.durationMs[node]);
      if (!measured.isReused[node]) totals[row].own++;
    }
    if (phase !== Phase.forward || Number.isNaN(measured.heldBytes[node])) continue;
    add(row, 'heldBytes', measured.heldBytes[node]);
    add(row, 'predictedBytes', madeBytes(step, node));
  }
  // Parents come before children.
  for (let id = layers.length - 1; id >= 0; id--) {
    const { parent } = layers[id];
    if (parent < 0) continue;
    for (const name of sums) add(parent, name, totals[id][name]);
    totals[parent].own += totals[id].own;
    totals[parent].all += totals[id].all;
  }
  return totals.map(({ own, all, ...rest }) => ({ ...rest, ownShare: all > 0 ? own / all : 0 }));
}

/** Bytes of the storages that a computation makes. */
function madeBytes({ outputs, valueBytes, producer }: StepGraph, node: number): number {
  let bytes = 0;
  for (let i = outputs.offsets[node]; i < outputs.offsets[node + 1]; i++)
    if (producer[outputs.items[i]] === node) bytes += valueBytes[outputs.items[i]];
  return bytes;
}
