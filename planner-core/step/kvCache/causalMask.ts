import { isFloat } from '../../graph/dtype';
import type { TensorId } from '../../graph/modelGraph';
import type { ConcreteTensor } from '../../operators/rule';
import type { Wiring } from './wiring';

const comparisons = new Set(['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual']);

/** Products make activations, not masks; sizes are taken of any tensor. */
const leadsElsewhere = new Set(['MatMul', 'Gemm', 'Conv', 'Shape', 'Size']);

/** A mask is made by a few dozen operators; further up is the model itself. */
const mostOperators = 200;

/**
 * Does an attention mask keep tokens from seeing later ones? True when something it is made of compares positions of
 * queries (a column) with positions of keys (a row), cuts a triangle, or is a stored square of booleans or of numbers for
 * all heads (GPT-2's `attn.bias`). Padding masks and relative position biases are none of these.
 */
export function isCausalMask(
  mask: TensorId,
  wiring: Wiring,
  tensors: readonly (ConcreteTensor | undefined)[],
): boolean {
  const seen = new Set<TensorId>();
  const open = [mask];
  for (let visited = 0; open.length > 0 && visited < mostOperators; visited++) {
    const tensor = open.pop()!;
    if (tensor < 0 || seen.has(tensor)) continue;
    seen.add(tensor);
    const operator = wiring.producerOf(tensor);
    if (!operator) {
      if (isStoredTriangle(tensors[tensor])) return true;
      continue;
    }
    if (operator.type === 'Trilu') return true;
    if (comparisons.has(operator.type) && comparesPositions(operator.inputs.map((id) => tensors[id]))) {
      return true;
    }
    if (!leadsElsewhere.has(operator.type)) open.push(...operator.inputs);
  }
  return false;
}

/** A buffer [1, ..., 1, n, n]. */
function isStoredTriangle(tensor: ConcreteTensor | undefined): boolean {
  if (!tensor || tensor.role === 'input' || tensor.shape.length < 2) return false;
  const [rows, columns] = tensor.shape.slice(-2);
  const isMask = tensor.dtype === 'bool' || tensor.dtype === 'uint8' || isFloat(tensor.dtype);
  return isMask && rows > 1 && rows === columns && tensor.elements === rows * columns;
}

/** One operand varies along the last axis only, the other along the one before. */
function comparesPositions([a, b]: readonly (ConcreteTensor | undefined)[]): boolean {
  if (!a || !b || isFloat(a.dtype)) return false;
  const isRow = (tensor: ConcreteTensor): boolean =>
    (tensor.shape.at(-1) ?? 1) > 1 && (tensor.shape.at(-2) ?? 1) === 1;
  const isColumn = (tensor: ConcreteTensor): boolean =>
    tensor.shape.at(-1) === 1 && (tensor.shape.at(-2) ?? 1) > 1;
  return (isRow(a) && isColumn(b)) || (isRow(b) && isColumn(a));
}
