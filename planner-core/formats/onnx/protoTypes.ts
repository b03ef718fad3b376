import type { DType } from '../../graph/dtype';

/**
 * The messages of onnx.proto, reduced to what a model's structure needs.
 * Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (IR versions 1 to 13).
 */
export interface ModelProto {
  irVersion: number;
  producerName: string;
  producerVersion: string;
  graph: GraphProto;
  opsetImports: OpsetImport[];
  functions: FunctionProto[];
  metadata: Metadata;
  /** Since IR version 11. */
  configurations: DeviceConfigurationProto[];
}

/** Devices that nodes refer to by their number. */
export interface DeviceConfigurationProto {
  name: string;
  deviceCount: number;
  /** Names of the devices; none, or fewer than there are, in files that do not say. */
  devices: string[];
}

/** Where a configuration has a node run: the devices that its values are on, and the stage of the pipeline. */
export interface NodeDevice {
  readonly configuration: string;
  readonly devices: readonly number[];
  readonly stage?: number;
}

export interface OpsetImport {
  domain: string;
  version: number;
}

/** metadata_props: keys are unique by convention; the last one wins. */
export type Metadata = Map<string, string>;

export interface GraphProto {
  name: string;
  nodes: NodeProto[];
  initializers: TensorProto[];
  inputs: ValueInfoProto[];
  outputs: ValueInfoProto[];
  valueInfos: ValueInfoProto[];
  metadata: Metadata;
}

export interface FunctionProto {
  name: string;
  domain: string;
  overload: string;
  inputs: string[];
  outputs: string[];
  /** Default values of attributes; attributes without one are not listed. */
  defaults: AttributeProto[];
  nodes: NodeProto[];
  opsetImports: OpsetImport[];
  /** Since IR version 10. */
  valueInfos: ValueInfoProto[];
}

export interface NodeProto {
  name: string;
  type: string;
  domain: string;
  overload: string;
  inputs: string[];
  outputs: string[];
  attributes: AttributeProto[];
  metadata: Metadata;
  devices: NodeDevice[];
  /** Where the node starts in the file. */
  byteOffset: number;
}

export interface AttributeProto {
  name: string;
  /** Inside a function: the caller's attribute that gives the value. */
  reference: string;
  value: AttributeProtoValue;
}

export type AttributeProtoValue =
  | { kind: 'int'; value: number }
  | { kind: 'float'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'ints'; value: number[] }
  | { kind: 'floats'; value: number[] }
  | { kind: 'strings'; value: string[] }
  | { kind: 'tensor'; value: TensorProto }
  | { kind: 'graph'; value: GraphProto }
  /** What no planner looks into: lists of tensors or graphs, types, payloads. */
  | { kind: 'other'; value: string };

/** A tensor's declaration; its payload stays in the file. */
export interface TensorProto {
  name: string;
  dtype: DType;
  dims: number[];
  /** Present only when few and numeric: see tensorElements.ts. */
  elements?: number[];
  external?: { location: string; offset: number; length?: number };
  metadata: Metadata;
}

export interface ValueInfoProto {
  name: string;
  dtype?: DType;
  /** undefined: not even the rank is declared. */
  dims?: DimProto[];
  metadata: Metadata;
}

/** A size, a name, or nothing known. */
export type DimProto = number | string | undefined;
