import { maximumStringBytes, type WireReader } from '../../bytes/wireReader';
import type { Metadata } from './protoTypes';

/** Reads one StringStringEntryProto into `into`. */
export function readMetadataEntry(reader: WireReader, into: Metadata): void {
  const [key, value] = readPair(reader);
  if (key !== '') into.set(key, value);
}

/** Key and value of a StringStringEntryProto; '' for what is absent or too long. */
export function readPair(reader: WireReader): [key: string, value: string] {
  let key = '';
  let value = '';
  while (reader.next()) {
    if (reader.field === 1 && reader.length <= maximumStringBytes) key = reader.string();
    else if (reader.field === 2 && reader.length <= maximumStringBytes) value = reader.string();
  }
  return [key, value];
}
