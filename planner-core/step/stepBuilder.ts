import type { Diagnostic } from '../base/diagnostic';
import type { NodeId, Phase, Rows, StepGraph, ValueId, ValueKind } from './stepGraph';

interface NodeDraft {
  readonly name: string;
  readonly phase: Phase;
  readonly operator: number;
  readonly module: number;
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  readonly updates?: readonly ValueId[];
  readonly workspaceBytes?: number;
  readonly durationMs: readonly number[];
  readonly recomputable: boolean;
}

interface ValueDraft {
  readonly name: string;
  readonly bytes: number;
  readonly kind: ValueKind;
  readonly residentAtStart?: boolean;
}

/** Collects nodes and values in the order they are made and freezes them into a StepGraph. */
export class StepBuilder {
  private readonly nodes: NodeDraft[] = [];
  private readonly values: ValueDraft[] = [];
  private readonly producers: NodeId[] = [];
  private readonly pinned = new Set<ValueId>();

  value(draft: ValueDraft): ValueId {
    this.values.push(draft);
    this.producers.push(-1);
    if (draft.residentAtStart) this.pinned.add(this.values.length - 1);
    return this.values.length - 1;
  }

  bytesOf(value: ValueId): number {
    return this.values[value].bytes;
  }

  /** Adds a node; values listed twice count once; outputs produced before by another node keep their first producer. */
  node(draft: NodeDraft): NodeId {
    const id = this.nodes.length;
    for (const value of draft.outputs) if (this.producers[value] < 0) this.producers[value] = id;
    this.nodes.push({
      ...draft,
      inputs: unique(draft.inputs),
      outputs: unique(draft.outputs),
      updates: unique(draft.updates ?? []),
    });
    return id;
  }

  /** Keeps a value until the end of the step. */
  keepToEnd(value: ValueId): void {
    this.pinned.add(value);
  }

  build(
    devices: readonly string[],
    linkBytesPerMs: Float64Array,
    diagnostics: readonly Diagnostic[],
  ): StepGraph {
    const { nodes, values } = this;
    const durationMs = new Float64Array(devices.length * nodes.length);
    nodes.forEach((node, id) => {
      for (let device = 0; device < devices.length; device++) {
        durationMs[device * nodes.length + id] = node.durationMs[device];
      }
    });
    return {
      nodeCount: nodes.length,
      valueCount: values.length,
      devices,
      linkBytesPerMs,
      nodeName: nodes.map((node) => node.name),
      nodePhase: Uint8Array.from(nodes, (node) => node.phase),
      nodeOperator: Int32Array.from(nodes, (node) => node.operator),
      nodeModule: Int32Array.from(nodes, (node) => node.module),
      workspaceBytes: Float64Array.from(nodes, (node) => node.workspaceBytes ?? 0),
      durationMs,
      recomputable: Uint8Array.from(nodes, (node) => Number(node.recomputable)),
      inputs: rowsOf(nodes.map((node) => node.inputs)),
      outputs: rowsOf(nodes.map((node) => node.outputs)),
      updates: rowsOf(nodes.map((node) => node.updates ?? [])),
      valueName: values.map((value) => value.name),
      valueBytes: Float64Array.from(values, (value) => value.bytes),
      valueKind: Uint8Array.from(values, (value) => value.kind),
      residentAtStart: Uint8Array.from(values, (value) => Number(value.residentAtStart ?? false)),
      residentAtEnd: Uint8Array.from(values, (_, id) => Number(this.pinned.has(id))),
      producer: Int32Array.from(this.producers),
      diagnostics,
    };
  }
}

const unique = (values: readonly ValueId[]): readonly ValueId[] => [...new Set(values)];

function rowsOf(lists: readonly (readonly number[])[]): Rows {
  const offsets = new Int32Array(lists.length + 1);
  lists.forEach((list, i) => (offsets[i + 1] = offsets[i] + list.length));
  const items = new Int32Array(offsets[lists.length]);
  lists.forEach((list, i) => items.set(list, offsets[i]));
  return { offsets, items };
}
