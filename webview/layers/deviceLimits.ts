import { ValueKind, type StepGraph } from '../../planner-core/step/stepGraph';
import type { LayerTree } from '../state/layerTree';

/**
 * By row: what an operator shares a device with because both read the same parameter, in words; undefined for those
 * that move alone. A parameter is in one place, with its gradient and its optimizer state.
 */
export function movesTogether(step: StepGraph, { layers, rowOfNode }: LayerTree): (string | undefined)[] {
  const readers = new Map<number, Set<number>>();
  for (const { kind, forwardNodes } of layers) {
    if (kind !== 'operator') continue;
    for (const node of forwardNodes) {
      for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
        const value = step.inputs.items[i];
        if (step.valueKind[value] !== ValueKind.parameter || rowOfNode[node] < 0) continue;
        const rows = readers.get(value) ?? new Set();
        readers.set(value, rows.add(rowOfNode[node]));
      }
    }
  }
  const words = new Array<string | undefined>(layers.length).fill(undefined);
  for (const [value, rows] of readers) {
    if (rows.size < 2) continue;
    for (const row of rows) {
      const others = [...rows].filter((other) => other !== row).map((other) => layers[other].name);
      words[row] ??= `Moves together with ${others.join(', ')}: they share ${step.valueName[value]}`;
    }
  }
  return words;
}

/** By row: the devices that all of it can run on; undefined where that is every device. */
export function runsOnly(step: StepGraph, { layers }: LayerTree): (readonly string[] | undefined)[] {
  const { devices, durationMs, nodeCount } = step;
  const isLimited = durationMs.some((duration) => !Number.isFinite(duration));
  return layers.map(({ forwardNodes }) => {
    if (!isLimited) return undefined;
    const able = devices.filter((_, device) =>
      forwardNodes.every((node) => Number.isFinite(durationMs[device * nodeCount + node])),
    );
    return able.length < devices.length ? able : undefined;
  });
}
