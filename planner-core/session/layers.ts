import { groupedBy } from '../base/groups';
import type { ModelGraph } from '../graph/modelGraph';
import { sourceLine } from '../graph/sourceLine';
import type { BuiltStep } from '../step/buildStep';
import { Phase, ValueKind } from '../step/stepGraph';
import { setBounds } from './boundTimes';
import type { LayerRow } from './types';

type Draft = { -readonly [K in keyof LayerRow]: LayerRow[K] } & { forwardNodes: number[] };

/**
 * The layer tree: modules and the operators that do work in them, in execution order, parents before children.
 * What a storage costs is charged to the operator that saves it first, as saved_tensors_hooks sees it.
 */
export function layerRows(
  graph: ModelGraph,
  built: BuiltStep,
  checkpointable: ReadonlySet<number>,
): LayerRow[] {
  const operatorRows = rowsOfOperators(graph, built);
  const firstRecord = firstRecordOfModules(graph, operatorRows);
  const operatorsOf = groupedBy(operatorRows, ({ module }) => module);
  const rows: Draft[] = [];

  const addModule = (module: number, parent: number): Draft | undefined => {
    if (!Number.isFinite(firstRecord[module])) return undefined;
    const { name, className, children } = graph.modules[module];
    const row = blankRow(rows.length, parent, 'module', name, className ?? '');
    row.checkpointable = checkpointable.has(module);
    rows.push(row);
    addChildren(module, children, row);
    return row;
  };
  const addChildren = (module: number, children: readonly number[], into: Draft | undefined): void => {
    const parent = into?.id ?? -1;
    const entries = [
      ...children.map((child) => ({ at: firstRecord[child], add: () => addModule(child, parent) })),
      ...(operatorsOf.get(module) ?? []).map((row) => ({
        at: row.record,
        add: () => {
          const added: Draft = { ...row.row, id: rows.length, parent };
          rows.push(added);
          return added;
        },
      })),
    ];
    entries.sort((a, b) => a.at - b.at);
    for (const { add } of entries) {
      const child = add();
      if (child && into) accumulate(into, child);
    }
  };
  addChildren(0, graph.modules[0].children, undefined);
  setBounds(rows, built.step, graph.operators.length);
  return rows;
}

interface OperatorRow {
  readonly module: number;
  /** Position in execution order. */
  readonly record: number;
  readonly row: Draft;
}

function rowsOfOperators(graph: ModelGraph, built: BuiltStep): OperatorRow[] {
  const { step, records } = built;
  const backwardMs = new Float64Array(graph.operators.length);
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] === Phase.backward && step.nodeOperator[node] >= 0) {
      backwardMs[step.nodeOperator[node]] += step.durationMs[node];
    }
  }
  const charged = new Uint8Array(step.valueCount);
  return records.flatMap((record, position): OperatorRow[] => {
    if (record.kind !== 'compute') return [];
    const operator = graph.operators[record.operator];
    const row = blankRow(0, -1, 'operator', operator.name, operator.type);
    const output = record.context.output(0);
    row.output = output ? `${output.shape.join('×') || 'scalar'} ${output.dtype}` : 'unknown';
    row.source = sourceLine(operator.source?.stackTrace);
    row.macs = record.macs;
    row.trafficBytes = step.trafficBytes[record.node];
    row.forwardMs = step.durationMs[record.node];
    row.backwardMs = backwardMs[record.operator];
    row.forwardNodes = [record.node];
    for (const value of record.saved) {
      if (charged[value] || step.valueKind[value] !== ValueKind.activation) continue;
      charged[value] = 1;
      row.savedBytes += step.valueBytes[value];
    }
    for (const input of operator.inputs) {
      const value = input >= 0 ? built.storage[input] : -1;
      if (value < 0 || charged[value] || step.valueKind[value] !== ValueKind.parameter) continue;
      charged[value] = 1;
      row.parameterBytes += step.valueBytes[value];
    }
    return [{ module: operator.module, record: position, row }];
  });
}

/** For every module the first record inside it; Infinity when nothing runs there. */
function firstRecordOfModules(graph: ModelGraph, operators: readonly OperatorRow[]): Float64Array {
  const first = new Float64Array(graph.modules.length).fill(Infinity);
  for (const { module, record } of operators) {
    for (let at = module; ; at = graph.modules[at].parent) {
      if (record < first[at]) first[at] = record;
      if (at === 0) break;
    }
  }
  return first;
}

function blankRow(id: number, parent: number, kind: LayerRow['kind'], name: string, type: string): Draft {
  const label = name.slice(name.lastIndexOf(kind === 'module' ? '.' : '/') + 1);
  return {
    id,
    parent,
    kind,
    name,
    label,
    type,
    output: '',
    parameterBytes: 0,
    savedBytes: 0,
    macs: 0,
    trafficBytes: 0,
    forwardMs: 0,
    backwardMs: 0,
    bound: 'none',
    forwardNodes: [],
    checkpointable: false,
  };
}

function accumulate(into: Draft, child: Draft): void {
  into.parameterBytes += child.parameterBytes;
  into.savedBytes += child.savedBytes;
  into.macs += child.macs;
  into.trafficBytes += child.trafficBytes;
  into.forwardMs += child.forwardMs;
  into.backwardMs += child.backwardMs;
  for (const node of child.forwardNodes) into.forwardNodes.push(node);
}
