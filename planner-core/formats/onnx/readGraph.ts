import type { WireReader } from '../../bytes/wireReader';
import type { GraphProto, NodeProto } from './protoTypes';
import { readAttribute, readSparseTensor } from './readAttribute';
import { noDevices, withNodeDevice } from './readDevices';
import { noMetadata, withMetadataEntry } from './readMetadata';
import { readTensor } from './readTensor';
import { readValueInfo } from './readValueInfo';

/** A graph before anything of it has been read. */
export function emptyGraph(): GraphProto {
  return {
    name: '',
    nodes: [],
    initializers: [],
    inputs: [],
    outputs: [],
    valueInfos: [],
    metadata: noMetadata,
  };
}

/** Reads a GraphProto: the main graph, or the body of a control-flow operator. */
export function readGraph(reader: WireReader): GraphProto {
  const graph = emptyGraph();
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        graph.nodes.push(readNode(reader.message(), reader.start));
        break;
      case 2:
        graph.name = reader.string();
        break;
      case 5:
        graph.initializers.push(readTensor(reader.message()));
        break;
      case 11:
        graph.inputs.push(readValueInfo(reader.message()));
        break;
      case 12:
        graph.outputs.push(readValueInfo(reader.message()));
        break;
      case 13:
        graph.valueInfos.push(readValueInfo(reader.message()));
        break;
      case 15:
        graph.initializers.push(readSparseTensor(reader.message()));
        break;
      case 16:
        graph.metadata = withMetadataEntry(graph.metadata, reader.message());
        break;
    }
  }
  return graph;
}

/** Reads a NodeProto. */
export function readNode(reader: WireReader, byteOffset: number): NodeProto {
  const node: NodeProto = {
    name: '',
    type: '',
    domain: '',
    overload: '',
    inputs: [],
    outputs: [],
    attributes: [],
    metadata: noMetadata,
    devices: noDevices,
    byteOffset,
  };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        node.inputs.push(reader.string());
        break;
      case 2:
        node.outputs.push(reader.string());
        break;
      case 3:
        node.name = reader.string();
        break;
      case 4:
        node.type = reader.string();
        break;
      case 5:
        node.attributes.push(readAttribute(reader.message(), readGraph));
        break;
      case 7:
        node.domain = canonicalDomain(reader.string());
        break;
      case 8:
        node.overload = reader.string();
        break;
      case 9:
        node.metadata = withMetadataEntry(node.metadata, reader.message());
        break;
      case 10:
        node.devices = withNodeDevice(node.devices, reader.message());
        break;
    }
  }
  return node;
}

/** The default operator set has two names; '' is the one that is used here. */
export function canonicalDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}
