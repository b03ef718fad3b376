import { symbol, type Dim } from '../../graph/dim';
import { parseDim } from '../../graph/parseDim';
import { isFloat } from '../../graph/dtype';
import type { Shape, Tensor, TensorId, TensorRole } from '../../graph/modelGraph';
import type { DimProto, TensorProto, ValueInfoProto } from './protoTypes';

/** A tensor that is still being described. */
export type TensorDraft = { -readonly [Key in keyof Tensor]: Tensor[Key] };

/** The tensors of a model as they are found, in file order. */
export class TensorTable {
  readonly tensors: TensorDraft[] = [];
  /** Dimensions by their text: a file declares the same few for thousands of values. */
  private readonly dims = new Map<string, Dim>();

  /** Adds a tensor of which only the name and the role are known. */
  add(name: string, role: TensorRole): TensorDraft {
    const tensor: TensorDraft = { id: this.tensors.length, name, role };
    this.tensors.push(tensor);
    return tensor;
  }

  /** Adds an initializer: a parameter if it is floating point, as long as nothing better is known. */
  addInitializer(proto: TensorProto): TensorDraft {
    const tensor = this.add(proto.name, isFloat(proto.dtype) ? 'parameter' : 'buffer');
    this.setConstant(tensor.id, proto, tensor.role);
    return tensor;
  }

  /** Turns a declared value into a constant; one without a tensor stays unknown. */
  setConstant(id: TensorId, proto: TensorProto | undefined, role: TensorRole = 'constant'): void {
    const tensor = this.tensors[id];
    tensor.role = role;
    if (!proto) return;
    tensor.dtype = proto.dtype === 'undefined' ? undefined : proto.dtype;
    tensor.shape = proto.dims;
    tensor.elements = proto.elements;
    tensor.external = proto.external;
  }

  /** Fills in what the file declares about a value; what a constant says about itself stands. */
  describe(id: TensorId, info: ValueInfoProto): void {
    const tensor = this.tensors[id];
    tensor.dtype ??= info.dtype;
    tensor.shape ??= info.dims && this.shapeOf(tensor.name, info.dims);
  }

  /** Dimensions nobody named get a symbol of their own. */
  private shapeOf(name: string, dims: readonly DimProto[]): Shape {
    return dims.map((dim, axis): Dim => {
      if (typeof dim === 'number') return dim;
      // Some tools write "?" or "-1" for a size they do not know.
      if (dim === undefined || !/[A-Za-z0-9]/.test(dim) || /^-\d+$/.test(dim))
        return symbol(`unk__${name}_${axis}`);
      return this.named(dim);
    });
  }

  private named(text: string): Dim {
    let dim = this.dims.get(text);
    if (dim === undefined) this.dims.set(text, (dim = parseDim(text) ?? symbol(text)));
    return dim;
  }
}
