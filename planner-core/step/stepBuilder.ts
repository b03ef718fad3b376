import type { Diagnostic } from '../base/diagnostic';
import { HeadroomError } from '../base/errors';
import { workClasses, type WorkClass } from '../devices/efficiency';
import { bounds, type Bound, type Work } from '../devices/roofline';
import type { NodeId, Phase, Rows, StepGraph, ValueId, ValueKind } from './stepGraph';

/** Placements are bytes, and 255 stands for what is not placed yet. */
export const mostDevices = 254;

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
  readonly macs?: number;
  readonly trafficBytes?: number;
  readonly bound?: Bound;
  readonly workClass?: WorkClass;
  readonly work?: Work;
  readonly recomputable: boolean;
  readonly drawsRandom?: boolean;
}

/** Work on every device. */
interface WorkDraft {
  readonly durationMs: readonly number[];
  readonly macs: number;
  readonly trafficBytes: number;
  readonly work?: Work;
}

interface ValueDraft {
  readonly name: string;
  readonly bytes: number;
  readonly kind: ValueKind;
  readonly residentAtStart?: boolean;
}

/** Rows of a compressed adjacency while they are being added. */
interface RowsDraft {
  readonly offsets: number[];
  readonly items: number[];
}

const noRows = (): RowsDraft => ({ offsets: [0], items: [] });

/**
 * Collects nodes and values in the order they are made and freezes them into a StepGraph. Keeps columns, not one object
 * a node or value: a large step has hundreds of thousands of them, and what lives on burdens the garbage collector.
 */
export class StepBuilder {
  private readonly nodeName: string[] = [];
  private readonly nodePhase: Phase[] = [];
  private readonly nodeOperator: number[] = [];
  private readonly nodeModule: number[] = [];
  private readonly workspaceBytes: number[] = [];
  private readonly durationMs: (readonly number[])[] = [];
  private readonly macs: number[] = [];
  private readonly trafficBytes: number[] = [];
  private readonly bound: number[] = [];
  private readonly workClass: number[] = [];
  private readonly recomputable: number[] = [];
  private readonly drawsRandom: number[] = [];
  private readonly inputs = noRows();
  private readonly outputs = noRows();
  private readonly updates = noRows();

  private readonly valueName: string[] = [];
  private readonly valueBytes: number[] = [];
  private readonly valueKind: ValueKind[] = [];
  private readonly residentAtStart: number[] = [];
  private readonly residentAtEnd: number[] = [];
  private readonly producer: NodeId[] = [];
  /** By value: 1 once a node reads it. */
  private readonly read: number[] = [];
  /** By value: the row it was listed in last, as a count of rows, so that a row lists it once. */
  private readonly lastRow: number[] = [];
  private rowCount = 0;
  /** By node: what it asks of a device, one entry a kernel or group of them. Kept on request only. */
  readonly work?: Work[][];

  constructor(keepsWork = false) {
    if (keepsWork) this.work = [];
  }

  value({ name, bytes, kind, residentAtStart = false }: ValueDraft): ValueId {
    this.valueName.push(name);
    this.valueBytes.push(bytes);
    this.valueKind.push(kind);
    this.residentAtStart.push(Number(residentAtStart));
    this.residentAtEnd.push(Number(residentAtStart));
    this.producer.push(-1);
    this.read.push(0);
    this.lastRow.push(0);
    return this.valueName.length - 1;
  }

  bytesOf(value: ValueId): number {
    return this.valueBytes[value];
  }

  /** Adds a node; values listed twice count once; outputs produced before by another node keep their first producer. */
  node(draft: NodeDraft): NodeId {
    const id = this.nodeName.length;
    for (const value of draft.outputs) if (this.producer[value] < 0) this.producer[value] = id;
    for (const value of draft.inputs) this.read[value] = 1;
    this.nodeName.push(draft.name);
    this.nodePhase.push(draft.phase);
    this.nodeOperator.push(draft.operator);
    this.nodeModule.push(draft.module);
    this.workspaceBytes.push(draft.workspaceBytes ?? 0);
    this.durationMs.push(draft.durationMs);
    this.macs.push(draft.macs ?? 0);
    this.trafficBytes.push(draft.trafficBytes ?? 0);
    this.bound.push(bounds.indexOf(draft.bound ?? 'none'));
    this.workClass.push(workClasses.indexOf(draft.workClass ?? 'elementwise'));
    this.work?.push(draft.work ? [draft.work] : []);
    this.recomputable.push(Number(draft.recomputable));
    this.drawsRandom.push(Number(draft.drawsRandom ?? false));
    this.addRow(this.inputs, draft.inputs);
    this.addRow(this.outputs, draft.outputs);
    this.addRow(this.updates, draft.updates ?? []);
    return id;
  }

  /** The node that makes a value, -1 where it is there before the step. */
  producerOf(value: ValueId): NodeId {
    return this.producer[value];
  }

  /** Has any node read the value? */
  isRead(value: ValueId): boolean {
    return this.read[value] === 1;
  }

  /** Is this the node added last? */
  isLast(node: NodeId): boolean {
    return node === this.nodeName.length - 1;
  }

  /** Lets a node do more work, on what it has made. */
  extend(node: NodeId, { durationMs, macs, trafficBytes, work }: WorkDraft): void {
    if (work) this.work?.[node].push(work);
    this.durationMs[node] = this.durationMs[node].map((time, device) => time + durationMs[device]);
    this.macs[node] += macs;
    this.trafficBytes[node] += trafficBytes;
  }

  /** Lets the node added last read another value: one that is held until it has run. */
  readByLast(value: ValueId): void {
    this.read[value] = 1;
    this.inputs.items.push(value);
    this.inputs.offsets[this.inputs.offsets.length - 1] = this.inputs.items.length;
  }

  /** Makes another thing of a value: a parameter takes over the buffer of its gradient. */
  rename(value: ValueId, name: string, kind: ValueKind): void {
    this.valueName[value] = name;
    this.valueKind[value] = kind;
  }

  /** Keeps a value until the end of the step. */
  keepToEnd(value: ValueId): void {
    this.residentAtEnd[value] = 1;
  }

  /**
   * Links have no latency and a channel each until `linkTable` says otherwise. Throws 'limit-exceeded' for more devices than
   * placements can name.
   */
  build(
    devices: readonly string[],
    linkBytesPerMs: Float64Array,
    diagnostics: readonly Diagnostic[],
  ): StepGraph {
    if (devices.length > mostDevices)
      throw new HeadroomError(
        'limit-exceeded',
        `${devices.length} devices; the limit is ${mostDevices}.`,
        'Plan for fewer; of like servers "headroom scale" plans as many as there are.',
      );
    const nodeCount = this.nodeName.length;
    const durationMs = new Float64Array(devices.length * nodeCount);
    for (let device = 0; device < devices.length; device++) {
      for (let node = 0; node < nodeCount; node++) {
        durationMs[device * nodeCount + node] = this.durationMs[node][device];
      }
    }
    return {
      nodeCount,
      valueCount: this.valueName.length,
      devices,
      linkBytesPerMs,
      linkLatencyMs: new Float64Array(linkBytesPerMs.length),
      ...ownChannels([...devices, 'host'], linkBytesPerMs),
      nodeName: this.nodeName,
      nodePhase: new Uint8Array(this.nodePhase),
      nodeOperator: new Int32Array(this.nodeOperator),
      nodeModule: new Int32Array(this.nodeModule),
      workspaceBytes: new Float64Array(this.workspaceBytes),
      durationMs,
      macs: new Float64Array(this.macs),
      trafficBytes: new Float64Array(this.trafficBytes),
      bound: new Uint8Array(this.bound),
      workClass: new Uint8Array(this.workClass),
      recomputable: new Uint8Array(this.recomputable),
      drawsRandom: new Uint8Array(this.drawsRandom),
      inputs: rowsOf(this.inputs),
      outputs: rowsOf(this.outputs),
      updates: rowsOf(this.updates),
      valueName: this.valueName,
      valueBytes: new Float64Array(this.valueBytes),
      valueKind: new Uint8Array(this.valueKind),
      residentAtStart: new Uint8Array(this.residentAtStart),
      residentAtEnd: new Uint8Array(this.residentAtEnd),
      producer: new Int32Array(this.producer),
      reentrant: false,
      diagnostics,
    };
  }

  private addRow({ offsets, items }: RowsDraft, values: readonly ValueId[]): void {
    const row = ++this.rowCount;
    for (const value of values) {
      if (this.lastRow[value] === row) continue;
      this.lastRow[value] = row;
      items.push(value);
    }
    offsets.push(items.length);
  }
}

/** A channel for each link and direction. */
function ownChannels(
  ends: readonly string[],
  linkBytesPerMs: Float64Array,
): Pick<StepGraph, 'linkChannel' | 'channels'> {
  const channels: string[] = [];
  const linkChannel = Int32Array.from(linkBytesPerMs, (bytesPerMs, at) => {
    if (bytesPerMs === 0) return -1;
    return channels.push(`${ends[Math.floor(at / ends.length)]} → ${ends[at % ends.length]}`) - 1;
  });
  return { linkChannel, channels };
}

const rowsOf = ({ offsets, items }: RowsDraft): Rows => ({
  offsets: new Int32Array(offsets),
  items: new Int32Array(items),
});
