import type { Diagnostic } from '../base/diagnostic';
import type { Dim } from './dim';
import type { DType } from './dtype';

/** Index into `ModelGraph.tensors`; -1 stands for an absent optional input or output. */
export type TensorId = number;
/** Index into `ModelGraph.modules`; 0 is the root. */
export type ModuleId = number;

export type Shape = readonly Dim[];

/**
 * input: fed at every step. parameter: a floating-point initializer. buffer: any other initializer, or one the
 * exporter names a buffer. constant: written in the graph itself. activation: computed. (Which float initializers are
 * trained is decided by the step room.)
 */
export type TensorRole = 'input' | 'parameter' | 'buffer' | 'constant' | 'activation';

export interface Tensor {
  readonly id: TensorId;
  readonly name: string;
  readonly role: TensorRole;
  /** Declared element type; undefined where the file does not say. */
  readonly dtype?: DType;
  /** Declared shape; undefined where the file does not say. Unnamed unknown dimensions get a fresh symbol. */
  readonly shape?: Shape;
  /** The elements, where they are few enough to matter for shapes (int64 beyond 2^53 are rounded). */
  readonly elements?: readonly number[];
  /** Of a parameter: whether the program asks for its gradient, where the file says. */
  readonly isTrained?: boolean;
  /** Where the payload lies, when it is outside the model file. */
  readonly external?: { readonly location: string; readonly offset: number; readonly length?: number };
}

export type AttributeValue =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  /** A constant tensor, present in `ModelGraph.tensors`. */
  | { readonly kind: 'tensor'; readonly value: TensorId }
  | { readonly kind: 'graph'; readonly value: Subgraph }
  | { readonly kind: 'other'; readonly value: string };

/** The body of If, Loop, Scan: its tensors live in the model's tensor table, outer names are resolved. */
export interface Subgraph {
  readonly name: string;
  readonly inputs: readonly TensorId[];
  readonly outputs: readonly TensorId[];
  readonly operators: readonly Operator[];
}

export interface Operator {
  /** Unique, and stable across runs; the file's own name where it has one. */
  readonly name: string;
  /** '' is ai.onnx. */
  readonly domain: string;
  readonly type: string;
  readonly inputs: readonly TensorId[];
  readonly outputs: readonly TensorId[];
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  /** The result is written over the first input, which is then gone (`relu_`). */
  readonly overwrites?: true;
  readonly module: ModuleId;
  /** Exporter metadata that identifies the source operator, e.g. the FX node and its ATen target. */
  readonly source?: {
    readonly fxNode?: string;
    readonly target?: string;
    readonly stackTrace?: string;
    /** The element type the call asked for, as PyTorch names it: `float32` for softmax(x, dtype=torch.float32). */
    readonly dtype?: string;
  };
}

export interface ModuleNode {
  readonly id: ModuleId;
  /** Qualified name as PyTorch's named_modules() gives it; '' for the root. */
  readonly name: string;
  /** Class name where the exporter recorded it. */
  readonly className?: string;
  /** The class with its package, e.g. torch.nn.modules.normalization.RMSNorm. */
  readonly classPath?: string;
  /**
   * True for a container whose children are called one by one, never itself (ModuleList): it has no forward of its own.
   * Absent where the file does not tell.
   */
  readonly isNeverCalled?: boolean;
  readonly parent: ModuleId;
  readonly children: ModuleId[];
}

/** Where a file has operators run: on which of some devices. */
export interface FilePlacement {
  /** What the file calls this set of devices. */
  readonly name: string;
  readonly deviceCount: number;
  /** Names of the devices, where the file says. */
  readonly devices: readonly string[];
  /** By operator name: the number of its device. Operators that are split over several are left out. */
  readonly deviceOf: ReadonlyMap<string, number>;
}

/** Sizes of a dimension, both ends included. */
export interface SizeRange {
  readonly least: number;
  readonly most: number;
}

/** A model file's structure, whatever its format: what flows where, never the weights. */
export interface ModelGraph {
  readonly format: string;
  readonly producer: string;
  /**
   * True where every operator is one call of the PyTorch program, and the types and shapes of all tensors are what
   * running it gave: nothing is left to infer, and roles are what the program says.
   */
  readonly isTraced?: true;
  /** Version of each operator set the file imports, by domain ('' is ai.onnx). */
  readonly opsets: ReadonlyMap<string, number>;
  readonly tensors: readonly Tensor[];
  /** In a topological order: producers before consumers. */
  readonly operators: readonly Operator[];
  readonly inputs: readonly TensorId[];
  readonly outputs: readonly TensorId[];
  /** Pre-order; parents before children. */
  readonly modules: readonly ModuleNode[];
  readonly diagnostics: readonly Diagnostic[];
  /** Sizes the program was exported for, by the name of the dimension, where the file says so. */
  readonly ranges?: ReadonlyMap<string, SizeRange>;
  /** What the program itself has torch.autocast compute in, where it does. */
  readonly autocast?: DType;
  /** Names of all parameters and buffers the program had, where the exporter says so: a file may have lost some. */
  readonly declared?: ReadonlyMap<string, 'parameter' | 'buffer'>;
  /** Ways to place the operators that the file has; at most one of them applies at a time. */
  readonly placements?: readonly FilePlacement[];
}
