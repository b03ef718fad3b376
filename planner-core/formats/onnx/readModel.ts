import type { WireReader } from '../../bytes/wireReader';
import type { FunctionProto, ModelProto, OpsetImport } from './protoTypes';
import { readAttribute } from './readAttribute';
import { readDeviceConfiguration } from './readDevices';
import { canonicalDomain, emptyGraph, readGraph, readNode } from './readGraph';
import { noMetadata, withMetadataEntry } from './readMetadata';
import { readValueInfo } from './readValueInfo';

/** Reads a ModelProto, structure only. */
export function readModel(reader: WireReader): ModelProto {
  const model: ModelProto = {
    irVersion: 0,
    producerName: '',
    producerVersion: '',
    graph: emptyGraph(),
    opsetImports: [],
    functions: [],
    metadata: noMetadata,
    configurations: [],
  };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        model.irVersion = reader.int();
        break;
      case 2:
        model.producerName = reader.string();
        break;
      case 3:
        model.producerVersion = reader.string();
        break;
      case 7:
        model.graph = readGraph(reader.message());
        break;
      case 8:
        model.opsetImports.push(readOpsetImport(reader.message()));
        break;
      case 14:
        model.metadata = withMetadataEntry(model.metadata, reader.message());
        break;
      case 25:
        model.functions.push(readFunction(reader.message()));
        break;
      case 26:
        model.configurations.push(readDeviceConfiguration(reader.message()));
        break;
    }
  }
  return model;
}

function readOpsetImport(reader: WireReader): OpsetImport {
  const opset: OpsetImport = { domain: '', version: 0 };
  while (reader.next()) {
    if (reader.field === 1) opset.domain = canonicalDomain(reader.string());
    else if (reader.field === 2) opset.version = reader.int();
  }
  return opset;
}

/** Reads a FunctionProto. Attributes without a default (field 6) need no reading: only references name them. */
function readFunction(reader: WireReader): FunctionProto {
  const result: FunctionProto = {
    name: '',
    domain: '',
    overload: '',
    inputs: [],
    outputs: [],
    defaults: [],
    nodes: [],
    opsetImports: [],
    valueInfos: [],
  };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        result.name = reader.string();
        break;
      case 4:
        result.inputs.push(reader.string());
        break;
      case 5:
        result.outputs.push(reader.string());
        break;
      case 7:
        result.nodes.push(readNode(reader.message(), reader.start));
        break;
      case 9:
        result.opsetImports.push(readOpsetImport(reader.message()));
        break;
      case 10:
        result.domain = canonicalDomain(reader.string());
        break;
      case 11:
        result.defaults.push(readAttribute(reader.message(), readGraph));
        break;
      case 12:
        result.valueInfos.push(readValueInfo(reader.message()));
        break;
      case 13:
        result.overload = reader.string();
        break;
    }
  }
  return result;
}
