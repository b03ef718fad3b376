import type { WireReader } from '../../bytes/wireReader';
import type { DeviceConfigurationProto, NodeDevice } from './protoTypes';

/** What nodes without devices share: most files have none. */
export const noDevices: NodeDevice[] = [];
/** Values are split over no more devices than these. */
const mostDevices = 256;

/** Reads a DeviceConfigurationProto (IR version 11). */
export function readDeviceConfiguration(reader: WireReader): DeviceConfigurationProto {
  const configuration: DeviceConfigurationProto = { name: '', deviceCount: 0, devices: [] };
  while (reader.next()) {
    if (reader.field === 1) configuration.name = reader.string();
    else if (reader.field === 2) configuration.deviceCount = reader.int();
    else if (reader.field === 3 && configuration.devices.length < mostDevices)
      configuration.devices.push(reader.string());
  }
  return configuration;
}

/** Reads a NodeDeviceConfigurationProto: `known`, or a new list, with what it says of the node. */
export function withNodeDevice(known: NodeDevice[], reader: WireReader): NodeDevice[] {
  const devices = new Set<number>();
  let configuration = '';
  let stage: number | undefined;
  while (reader.next()) {
    if (reader.field === 1) configuration = reader.string();
    else if (reader.field === 2) for (const device of readSharding(reader.message())) devices.add(device);
    else if (reader.field === 3) stage = reader.int();
  }
  const found = { configuration, devices: [...devices], stage };
  return known === noDevices ? [found] : [...known, found];
}

/** The devices a ShardingSpecProto names; a number that its map explains stands for a group of them. */
function readSharding(reader: WireReader): number[] {
  const named: number[] = [];
  const groups = new Map<number, number[]>();
  while (reader.next()) {
    if (reader.field === 2) reader.ints(named, mostDevices);
    else if (reader.field === 3) readGroup(reader.message(), groups);
  }
  return named.flatMap((device) => groups.get(device) ?? [device]);
}

/** Reads an IntIntListEntryProto. */
function readGroup(reader: WireReader, groups: Map<number, number[]>): void {
  const members: number[] = [];
  let key = 0;
  while (reader.next()) {
    if (reader.field === 1) key = reader.int();
    else if (reader.field === 2) reader.ints(members, mostDevices);
  }
  groups.set(key, members);
}
