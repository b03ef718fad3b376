import type { ByteSource } from '../../bytes/byteSource';
import { WireReader } from '../../bytes/wireReader';
import { intField, messageField, stringField } from '../../bytes/wireWriter';
import { HeadroomError } from '../../base/errors';
import { Splice } from './splice';

/** Keys of metadata that this writes, and replaces when a copy is copied again. */
const keyPrefix = 'headroom.';
/** Name of the device configuration; the same holds. */
const configurationName = 'headroom';
/** IR version that has metadata of nodes, and the one that has device configurations (onnx.proto, `Version`). */
const irVersions = { nodeMetadata: 10, deviceConfigurations: 11 } as const;

/** What is written into a model. */
export interface ModelNotes {
  /** By name of a tensor: notes for the node that makes it. */
  readonly nodes: ReadonlyMap<string, NodeNotes>;
  readonly metadata: readonly (readonly [key: string, value: string])[];
  /** Ids of devices; none: no device configuration is written. */
  readonly devices: readonly string[];
}

export interface NodeNotes {
  readonly metadata: readonly (readonly [key: string, value: string])[];
  /** Index into `devices`. */
  readonly device?: number;
}

export interface Annotated {
  readonly splice: Splice;
  /** Names from `nodes` that a node of the main graph makes. */
  readonly found: ReadonlySet<string>;
  readonly irVersion: { readonly before: number; readonly after: number };
}

/**
 * A ModelProto with notes: fields are added to nodes and at the end, every other byte is a range of the source. Field
 * numbers: onnx.proto (ModelProto 1, 7, 14, 26; GraphProto 1; NodeProto 2, 9, 10). Throws what the reader does, and
 * 'malformed-file' for a file without a graph.
 */
export function annotateModel(source: ByteSource, notes: ModelNotes): Annotated {
  const splice = new Splice();
  const found = new Set<string>();
  const needed = notes.devices.length > 0 ? irVersions.deviceConfigurations : irVersions.nodeMetadata;
  let before = 0;
  let hasGraph = false;
  let from = 0;
  const reader = WireReader.over(source);
  for (; reader.next(); from = reader.end) {
    if (reader.field === 1) {
      before = reader.int();
      splice.write(intField(1, Math.max(before, needed)));
    } else if (reader.field === 7) {
      hasGraph = true;
      splice.message(7, annotatedGraph(reader.message(), reader.start, notes, found));
    } else if (!isOurs(reader, 14, 26)) splice.copy(from, reader.end);
  }
  if (!hasGraph)
    throw new HeadroomError('malformed-file', 'The file has no graph.', 'Export the model again.');
  if (before === 0) splice.write(intField(1, needed));
  for (const [key, value] of notes.metadata) splice.write(entry(14, key, value));
  if (notes.devices.length > 0)
    splice.write(
      messageField(26, [
        stringField(1, configurationName),
        intField(2, notes.devices.length),
        ...notes.devices.map((device) => stringField(3, device)),
      ]),
    );
  return { splice, found, irVersion: { before, after: Math.max(before, needed) } };
}

function annotatedGraph(reader: WireReader, start: number, notes: ModelNotes, found: Set<string>): Splice {
  const splice = new Splice();
  for (let from = start; reader.next(); from = reader.end) {
    if (reader.field === 1) {
      const node = annotatedNode(reader, notes, found);
      if (node) {
        splice.message(1, node);
        continue;
      }
    }
    splice.copy(from, reader.end);
  }
  return splice;
}

/** undefined: as it is. */
function annotatedNode(graph: WireReader, notes: ModelNotes, found: Set<string>): Splice | undefined {
  const splice = new Splice();
  const outputs: string[] = [];
  let isChanged = false;
  const reader = graph.message();
  for (let from = graph.start; reader.next(); from = reader.end) {
    if (reader.field === 2) outputs.push(reader.string());
    if (isOurs(reader, 9, 10)) isChanged = true;
    else splice.copy(from, reader.end);
  }
  const named = outputs.filter((name) => name !== '');
  const own = named.find((name) => notes.nodes.has(name));
  const note = own === undefined ? undefined : notes.nodes.get(own);
  if (!note) return isChanged ? splice : undefined;
  for (const name of named) if (notes.nodes.has(name)) found.add(name);
  for (const [key, value] of note.metadata) splice.write(entry(9, key, value));
  if (note.device !== undefined) {
    const { device } = note;
    const results = named.map((name) => messageField(2, [stringField(1, name), intField(2, device)]));
    splice.write(messageField(10, [stringField(1, configurationName), ...results]));
  }
  return splice;
}

/** Was the field written by an earlier copy? `entries`: field of key-value pairs; `configurations`: of device configurations. */
function isOurs(reader: WireReader, entries: number, configurations: number): boolean {
  if (reader.field !== entries && reader.field !== configurations) return false;
  const inner = reader.message();
  while (inner.next()) {
    if (inner.field !== 1) continue;
    const name = inner.string();
    return reader.field === entries ? name.startsWith(keyPrefix) : name === configurationName;
  }
  return false;
}

const entry = (field: number, key: string, value: string): Uint8Array =>
  messageField(field, [stringField(1, keyPrefix + key), stringField(2, value)]);
