import type { Diagnostic } from '../base/diagnostic';
import type { Dim } from '../graph/dim';
import type { DType } from '../graph/dtype';
import type { PyTorchVersion } from './pytorchVersion';
import type { AttributeValue, Operator, Shape, Subgraph, TensorRole } from '../graph/modelGraph';

/** What is known about a tensor after inference. */
export interface TensorFacts {
  readonly dtype: DType;
  /** undefined: not even the rank is known. */
  readonly shape?: Shape;
  /**
   * Elements of a small tensor that shapes may depend on (row-major), symbolic where need be. Integers and booleans
   * (0, 1) mostly; numbers of a floating-point tensor where sizes are computed from scales.
   */
  readonly elements?: readonly Dim[];
  /** Present when this is a sequence: then dtype is that of its tensors, and there is no shape. */
  readonly sequence?: SequenceFacts;
}

/** What is known about a sequence of tensors (SequenceConstruct, SplitToSequence). */
export interface SequenceFacts {
  /** How many tensors it holds; undefined when not known. */
  readonly length?: Dim;
  /** The tensors one by one, while how many there are is known. */
  readonly items?: readonly (TensorFacts | undefined)[];
  /** What holds for every one of them. */
  readonly item?: TensorFacts;
}

/** What a rule sees of one operator. Accessors return undefined for absent optional inputs. */
export interface InferenceContext {
  readonly operator: Operator;
  /** Version of the operator's domain that the file imports. */
  readonly opset: number;
  input(index: number): TensorFacts | undefined;
  int(name: string): number | undefined;
  int(name: string, fallback: number): number;
  float(name: string, fallback: number): number;
  string(name: string): string | undefined;
  ints(name: string): readonly number[] | undefined;
  floats(name: string): readonly number[] | undefined;
  strings(name: string): readonly string[] | undefined;
  attribute(name: string): AttributeValue | undefined;
  tensorAttribute(name: string): TensorFacts | undefined;
  /**
   * Infers a subgraph body given facts for its inputs; returns the facts of its outputs. A body that may never run is
   * inferred without complaints: its shapes may be impossible exactly because it does not run.
   */
  inferSubgraph(
    body: Subgraph,
    inputs: readonly (TensorFacts | undefined)[],
    mayNotRun?: boolean,
  ): readonly (TensorFacts | undefined)[];
  /** A symbol no other dimension has: a size that depends on data. */
  freshDim(hint: string): Dim;
  report(diagnostic: Omit<Diagnostic, 'node'>): void;
}

/** What a cost or storage rule sees: every shape is a list of numbers by now. */
export interface StepContext {
  readonly operator: Operator;
  readonly opset: number;
  /** Shape and dtype of an input or output at run time (dtype after autocast); undefined when absent or unknown. */
  input(index: number): ConcreteTensor | undefined;
  output(index: number): ConcreteTensor | undefined;
  /** Does any gradient flow to this input? */
  needsGradient(index: number): boolean;
  int(name: string, fallback: number): number;
  ints(name: string): readonly number[] | undefined;
  string(name: string): string | undefined;
  /** Elements of a constant input (e.g. Dropout's ratio), when they are known. */
  constant(index: number): readonly number[] | undefined;
  readonly semantics: 'cuda' | 'cpu';
  readonly dropout: 'as-exported' | 'none';
  /** The release of PyTorch whose derivative formulas apply; absent means a current one. */
  readonly pytorch?: PyTorchVersion;
  /** Whether attention runs as one fused kernel; absent means 'auto'. */
  readonly attention?: 'auto' | 'fused' | 'math';
}

export interface ConcreteTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Number of elements. */
  readonly elements: number;
  readonly bytes: number;
  /** In elements; absent where the caller does not track them (then contiguous). */
  readonly strides?: readonly number[];
  readonly role: TensorRole;
}

/** What eager PyTorch keeps for an operator's backward pass. */
export interface Saved {
  /** Indices of inputs whose storage is kept. */
  readonly inputs?: readonly number[];
  /** Indices of outputs whose storage is kept. */
  readonly outputs?: readonly number[];
  /** Further buffers made in the forward pass and kept: statistics, masks, indices. */
  readonly extra?: readonly { readonly name: string; readonly bytes: number }[];
}

/** How an output's storage relates to the inputs. */
export type StorageRule =
  /** A new storage for every output. */
  | { readonly kind: 'new' }
  /** Every output is a view of input `of`; `whole` when it covers all of it. */
  | { readonly kind: 'view'; readonly of: number; readonly whole: boolean };

/**
 * Under autocast: 'half' casts floating inputs down (matmul, convolution); 'float' casts them up to fp32 on CUDA (norms,
 * softmax), while the CPU runs them in the type they come in; 'first' has the type of the first input, whatever that of
 * its parameters (batch norm); 'promote' takes the widest input type (everything else).
 */
export type AutocastClass = 'half' | 'float' | 'first' | 'promote';

/**
 * All Headroom knows about one operator type. Sources: ONNX operator documentation for shapes; PyTorch's
 * derivatives.yaml for what backward keeps.
 */
export interface OperatorRule {
  /** Facts of every output. Returning undefined for an output leaves it unknown. */
  infer(context: InferenceContext): (TensorFacts | undefined)[];
  /** Multiply-accumulates of matrix products and convolutions in one forward execution; 0 when absent. */
  macs?(context: StepContext): number;
  /** Default: a new storage. */
  storage?(context: StepContext): StorageRule;
  /** Default: nothing is kept. */
  saves?(context: StepContext): Saved;
  /** false: no gradient flows through (comparisons, ArgMax, Shape, ...). Default: true. */
  readonly differentiable?: boolean;
  /** Inputs no gradient flows to although they may be floating point (e.g. running statistics). */
  readonly nonDifferentiableInputs?: readonly number[];
  /** Inputs that are buffers even when they are floating-point initializers (running mean and variance). */
  readonly bufferInputs?: readonly number[];
  /**
   * Backward hands the output's gradient on as it is, or as views of it (Add, Concat): no new storage where shape and
   * type agree.
   */
  readonly passesGradient?: boolean;
  /**
   * Inputs the host reads to decide sizes or modes (Reshape's shape, Slice's bounds, Dropout's ratio): in eager PyTorch
   * they are Python numbers, so what computes them runs on the host. Default: none.
   */
  readonly hostInputs?: readonly number[];
  /** Inputs of which only shape or type matter, never the elements (Shape, RandomNormalLike). Default: none. */
  readonly shapeOnlyInputs?: readonly number[];
  /** Tables of which at most an element for each of the result is read (angles of rotary embeddings). Default: none. */
  readonly tableInputs?: readonly number[];
  /** Default: 'promote'. */
  readonly autocast?: AutocastClass;
  /** Draws random numbers (a function where it depends): recomputing it must restore the generator state. */
  readonly random?: boolean | ((context: StepContext) => boolean);
  /**
   * Inputs that eager PyTorch first copies to a contiguous layout (batched matmul operands whose heads cannot be merged
   * by a view); what is kept is the copy. Default: none.
   */
  copies?(context: StepContext): readonly { readonly input: number; readonly bytes: number }[];
  /** Strides of the first result where the kernel lays it out in an order of its own. Default: contiguous. */
  resultStrides?(context: StepContext): readonly number[] | undefined;
  /** Memory needed only while the forward pass of the operator runs. Default 0. */
  workspaceBytes?(context: StepContext): number;
}
