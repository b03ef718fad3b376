import type { Dim } from '../../graph/dim';
import type { DType } from '../../graph/dtype';
import type { AttributeValue, Shape, TensorId } from '../../graph/modelGraph';
import type { Argument, ProgramNode } from './program';

/** The operator a call is: types and inputs as the room `operators` has them. */
export interface Lowered {
  readonly type: string;
  /** Default '', ai.onnx. */
  readonly domain?: string;
  /** -1 stands for an absent optional input. */
  readonly inputs: readonly TensorId[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/**
 * What one ATen call means; `undefined` where this form of it means nothing known, 'emitted' where it has added its
 * operators itself (`Call.emit`).
 */
export type Lowering = (call: Call) => Lowered | 'emitted' | undefined;
export type LoweringTable = Readonly<Record<string, Lowering>>;

/** What a lowering may ask of the graph around a call. */
export interface CallScope {
  tensorOf(value: string): TensorId;
  shapeOf(tensor: TensorId): Shape;
  dtypeOf(tensor: TensorId): DType;
  /** A tensor that holds the given numbers: a literal of the program. */
  literal(numbers: readonly number[], dtype: DType, isList?: boolean): TensorId;
  /** What the call gives. */
  readonly results: readonly TensorId[];
  /** A new tensor between the operators of one call. */
  made(what: string, dtype: DType, shape: Shape): TensorId;
  /** Adds one of several operators that the call is. */
  emit(what: string, lowered: Lowered, outputs: readonly TensorId[]): void;
}

/** Larger numbers of axes exist in no program. */
const mostAxes = 64;

/** One call of a program: its arguments by the names of the ATen schema, absent ones at the defaults the caller gives. */
export class Call {
  constructor(
    readonly node: ProgramNode,
    /** `add` of torch.ops.aten.add_.Tensor. */
    readonly name: string,
    /** `Tensor` of it; '' where there is none. */
    readonly overload: string,
    readonly isInPlace: boolean,
    private readonly scope: CallScope,
  ) {}

  /** The tensor of an argument, -1 when it is absent; a number becomes a literal. */
  tensor(name: string): TensorId {
    const argument = this.argument(name);
    if (argument?.kind === 'tensor') return this.scope.tensorOf(argument.name);
    if (argument?.kind === 'number' && typeof argument.value === 'number')
      return this.scope.literal([argument.value], this.numberType(argument.value));
    // A size of the program: a number as well, which only the workload knows.
    if (argument?.kind === 'number') return this.scope.literal([], this.numberType(0));
    if (argument?.kind === 'boolean') return this.scope.literal([Number(argument.value)], 'bool');
    return -1;
  }

  tensors(name: string): readonly TensorId[] {
    const argument = this.argument(name);
    if (argument?.kind !== 'tensors') return [];
    return argument.names.map((value) => (value === undefined ? -1 : this.scope.tensorOf(value)));
  }

  number(name: string): Dim | undefined {
    const argument = this.argument(name);
    return argument?.kind === 'number' ? argument.value : undefined;
  }

  /** A number that is no size of the program. */
  constant(name: string, fallback: number): number {
    const value = this.number(name);
    return typeof value === 'number' ? value : fallback;
  }

  /** The whole numbers of a list argument, or the one of a single number; undefined where there are none or sizes. */
  ints(name: string): readonly number[] | undefined {
    const argument = this.argument(name);
    const values =
      argument?.kind === 'numbers'
        ? argument.values
        : argument?.kind === 'number'
          ? [argument.value]
          : undefined;
    return values?.every((value) => typeof value === 'number') ? (values as readonly number[]) : undefined;
  }

  flag(name: string, fallback = false): boolean {
    const argument = this.argument(name);
    return argument?.kind === 'boolean' ? argument.value : fallback;
  }

  text(name: string): string | undefined {
    const argument = this.argument(name);
    return argument?.kind === 'text' ? argument.value : undefined;
  }

  has(name: string): boolean {
    const argument = this.argument(name);
    return argument !== undefined && argument.kind !== 'none';
  }

  shape(tensor: TensorId): Shape {
    return this.scope.shapeOf(tensor);
  }

  rank(name: string): number {
    const tensor = this.tensor(name);
    return tensor < 0 ? 0 : Math.min(this.scope.shapeOf(tensor).length, mostAxes);
  }

  /** An axis counted from the front. */
  axis(name: string, of: string, fallback = 0): number {
    const axis = this.constant(name, fallback);
    return axis < 0 ? axis + this.rank(of) : axis;
  }

  /** A literal that the host reads, such as the ratio of a dropout. */
  literal(value: number, dtype: DType = 'float32'): TensorId {
    return this.scope.literal([value], dtype);
  }

  /** A literal list that the host reads, such as bounds of a slice. */
  literals(values: readonly number[]): TensorId {
    return this.scope.literal(values, 'int64', true);
  }

  get results(): readonly TensorId[] {
    return this.scope.results;
  }

  made(what: string, shape: Shape): TensorId {
    return this.scope.made(what, this.scope.dtypeOf(this.results[0]), shape);
  }

  emit(what: string, lowered: Lowered, outputs: readonly TensorId[]): void {
    this.scope.emit(what, lowered, outputs);
  }

  private argument(name: string): Argument | undefined {
    return this.node.inputs.get(name);
  }

  /** A Python number takes the type of the tensor it is combined with, unless that has no fractions. */
  private numberType(value: number): DType {
    const other = [...this.node.inputs.values()].find((argument) => argument.kind === 'tensor');
    const dtype = other?.kind === 'tensor' ? this.scope.dtypeOf(this.scope.tensorOf(other.name)) : 'float32';
    return Number.isInteger(value) || dtype.startsWith('float') || dtype === 'bfloat16' ? dtype : 'float32';
  }
}

export const int = (value: number): AttributeValue => ({ kind: 'int', value });
export const ints = (value: readonly number[]): AttributeValue => ({ kind: 'ints', value });
export const float = (value: number): AttributeValue => ({ kind: 'float', value });
export const text = (value: string): AttributeValue => ({ kind: 'string', value });

/** The attributes that have a value. */
export function given(
  attributes: Readonly<Record<string, AttributeValue | undefined>>,
): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, AttributeValue] => entry[1] !== undefined),
  );
}

/** A call that is operator `type` on the named arguments, in that order. */
export const as =
  (type: string, names: readonly string[], domain = ''): ((call: Call) => Lowered) =>
  (call) => ({ type, domain, inputs: names.map((name) => call.tensor(name)) });

/** The same, of a call that ONNX has no operator for. */
export const asAten = (type: string, ...names: readonly string[]): ((call: Call) => Lowered) =>
  as(type, names, 'aten');
