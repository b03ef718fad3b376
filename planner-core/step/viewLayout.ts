import type { Operator } from '../graph/modelGraph';
import { viewStrides, type Strides } from '../graph/strides';
import type { ConcreteTensor } from '../operators/rule';

/** Strides of a view operator's result; undefined when eager PyTorch has to copy instead (reshape of a transposed tensor). */
export function viewLayout(
  operator: Operator,
  source: ConcreteTensor & { readonly strides: Strides },
  result: ConcreteTensor,
): Strides | undefined {
  const { shape, strides } = source;
  switch (operator.type) {
    case 'Transpose': {
      const attribute = operator.attributes.get('perm');
      const order =
        attribute?.kind === 'ints' ? attribute.value : shape.map((_, axis) => shape.length - 1 - axis);
      return order.map((axis) => strides[axis]);
    }
    case 'Expand': {
      const lead = result.shape.length - shape.length;
      return result.shape.map((size, axis) =>
        axis < lead || shape[axis - lead] !== size ? 0 : strides[axis - lead],
      );
    }
    case 'Slice':
    case 'Split':
      return strides;
    case 'unbind': {
      const axis = axisOf(operator, shape.length);
      return strides.filter((_, i) => i !== axis);
    }
    case 'Gather': {
      // Selecting one index along an axis drops the axis; an index that stays as a dimension of size 1 does not.
      const axis = axisOf(operator, shape.length);
      const kept = strides.filter((_, i) => i !== axis);
      return result.shape.length === kept.length ? kept : strides;
    }
    default:
      return viewStrides(shape, strides, result.shape);
  }
}

function axisOf({ attributes }: Operator, rank: number): number {
  const attribute = attributes.get('axis');
  return ((attribute?.kind === 'int' ? attribute.value : 0) + rank) % rank;
}
