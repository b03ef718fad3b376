import { maximumStringBytes, type WireReader } from '../../bytes/wireReader';
import type { Metadata } from './protoTypes';

/** What messages without metadata share: most have none, and a file has many. */
export const noMetadata: Metadata = new Map();

/** `known`, or a new map if there is none yet, with the StringStringEntryProto that the reader holds. */
export function withMetadataEntry(known: Metadata, reader: WireReader): Metadata {
  const metadata: Metadata = known === noMetadata ? new Map() : known;
  const [key, value] = readPair(reader);
  if (key !== '') metadata.set(key, value);
  return metadata;
}

/** Key and value; '' for what is absent or too long. */
function readPair(reader: WireReader): [key: string, value: string] {
  let key = '';
  let value = '';
  while (reader.next()) {
    if (reader.field === 1 && reader.length <= maximumStringBytes) key = reader.string();
    else if (reader.field === 2 && reader.length <= maximumStringBytes) value = reader.string();
  }
  return [key, value];
}
