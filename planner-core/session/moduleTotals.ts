import { bounds, type Bound } from '../devices/roofline';
import type { ModelGraph } from '../graph/modelGraph';
import type { BuiltStep } from '../step/buildStep';
import { Phase, ValueKind } from '../step/stepGraph';
import { dominantBound } from './boundTimes';

/** What one module costs by itself: operators directly in it, not those of its children. */
export interface ModuleTotals {
  parameterBytes: number;
  savedBytes: number;
  /** Forward. */
  macs: number;
  /** Bytes read and written, forward. */
  trafficBytes: number;
  /** Forward and backward. */
  timeMs: number;
  /** What most of that time is spent on. */
  bound: Bound;
}

/**
 * Costs by innermost module, by qualified name; `<root>` for operators outside any module, `<loss>` for the loss. A
 * storage counts where it is saved first (the convention of saved_tensors_hooks). `kept` marks the values that stay
 * from forward to backward under the plan; one that no operator saves counts where it was made.
 */
export function moduleTotals(
  graph: ModelGraph,
  built: BuiltStep,
  kept: Uint8Array,
): Record<string, ModuleTotals> {
  const { step, records, storage } = built;
  const totals: Record<string, ModuleTotals> = {};
  const of = (name: string): ModuleTotals =>
    (totals[name] ??= {
      parameterBytes: 0,
      savedBytes: 0,
      macs: 0,
      trafficBytes: 0,
      timeMs: 0,
      bound: 'none',
    });
  const boundMs = new Map<string, Float64Array>();
  const nameOf = (module: number): string => graph.modules[module].name || '<root>';

  const counted = new Uint8Array(step.valueCount);
  const charge = (name: string, value: number): void => {
    if (counted[value] || !kept[value]) return;
    counted[value] = 1;
    of(name).savedBytes += step.valueBytes[value];
  };
  for (const record of records) {
    const operator = graph.operators[record.operator];
    const name = nameOf(operator.module);
    of(name).macs += record.macs;
    if (record.node >= 0) of(name).trafficBytes += step.trafficBytes[record.node];
    for (const value of record.saved) charge(name, value);
    for (const input of operator.inputs) {
      const value = input >= 0 ? storage[input] : -1;
      if (value < 0 || counted[value] || step.valueKind[value] !== ValueKind.parameter) continue;
      counted[value] = 1;
      of(name).parameterBytes += step.valueBytes[value];
    }
  }
  for (let node = 0; node < step.nodeCount; node++) {
    const name = step.nodeOperator[node] < 0 ? '<loss>' : nameOf(step.nodeModule[node]);
    if (step.nodePhase[node] < Phase.optimizer) {
      of(name).timeMs += step.durationMs[node];
      const ms = boundMs.get(name) ?? new Float64Array(bounds.length);
      ms[step.bound[node]] += step.durationMs[node];
      boundMs.set(name, ms);
    }
    for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
      charge(name, step.outputs.items[i]);
    }
  }
  for (const [name, ms] of boundMs) of(name).bound = dominantBound(ms);
  return totals;
}
