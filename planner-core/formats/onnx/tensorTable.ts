import { symbol, type Dim } from '../../graph/dim';
import { parseDim } from '../../graph/parseDim';
import { isFloat } from '../../graph/dtype';
import type { Shape, Tensor, TensorId, TensorRole } from '../../graph/modelGraph';
import type { DimProto, TensorProto, ValueInfoProto } from './protoTypes';

/** A tensor that is still being described. */
export type TensorDraft = { -readonly [Key in keyof Tensor]: Tensor[Key] };

const kindKey = 'pkg.torch.export.graph_signature.InputSpec.kind';

/** The tensors of a model as they are found, in file order. */
export class TensorTable {
  readonly tensors: TensorDraft[] = [];

  /** Adds a tensor of which only the name and the role are known. */
  add(name: string, role: TensorRole): TensorDraft {
    const tensor: TensorDraft = { id: this.tensors.length, name, role };
    this.tensors.push(tensor);
    return tensor;
  }

  /** Adds a trained weight or a buffer. `exportsKinds`: the exporter says which is which. */
  addInitializer(proto: TensorProto, exportsKinds: boolean): TensorDraft {
    const tensor = this.add(proto.name, initializerRole(proto, exportsKinds));
    this.setConstant(tensor.id, proto, tensor.role);
    return tensor;
  }

  /** Turns a declared value into a constant. */
  setConstant(id: TensorId, proto: TensorProto, role: TensorRole = 'buffer'): void {
    const tensor = this.tensors[id];
    tensor.role = role;
    tensor.dtype = proto.dtype === 'undefined' ? undefined : proto.dtype;
    tensor.shape = proto.dims;
    tensor.elements = proto.elements;
    tensor.external = proto.external;
  }

  /** Fills in what the file declares about a value; what a constant says about itself stands. */
  describe(id: TensorId, info: ValueInfoProto): void {
    const tensor = this.tensors[id];
    tensor.dtype ??= info.dtype;
    tensor.shape ??= info.dims && shapeOf(tensor.name, info.dims);
    // Some versions of the exporter put the kind here, not on the initializer.
    const kind = info.metadata.get(kindKey);
    if (tensor.role === 'parameter' && kind && kind !== 'PARAMETER') tensor.role = 'buffer';
  }
}

/** Does the file say of its initializers which are parameters and which are buffers? */
export function exportsInitializerKinds(initializers: readonly TensorProto[]): boolean {
  return initializers.some(({ metadata }) => metadata.has(kindKey));
}

function initializerRole(proto: TensorProto, exportsKinds: boolean): TensorRole {
  if (!isFloat(proto.dtype)) return 'buffer';
  const kind = proto.metadata.get(kindKey);
  if (kind) return kind === 'PARAMETER' ? 'parameter' : 'buffer';
  // Where the others are labelled, a single number without a label is a literal of the source code.
  const isLiteral = exportsKinds && proto.dims.every((dim) => dim === 1);
  return isLiteral ? 'buffer' : 'parameter';
}

/** Dimensions nobody named get a symbol of their own. */
function shapeOf(name: string, dims: readonly DimProto[]): Shape {
  return dims.map((dim, axis): Dim => {
    if (typeof dim === 'number') return dim;
    // Some tools write "?" or "-1" for a size they do not know.
    if (dim === undefined || !/[A-Za-z0-9]/.test(dim) || /^-\d+$/.test(dim))
      return symbol(`unk__${name}_${axis}`);
    return parseDim(dim) ?? symbol(dim);
  });
}
