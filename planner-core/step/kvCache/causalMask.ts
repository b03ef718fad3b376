import { isFloat } from '../../graph/dtype';
import type { Shape, TensorId } from '../../graph/modelGraph';
import type { TensorFacts } from '../../operators/rule';
import type { Wiring } from './wiring';

const comparisons = new Set(['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual']);

/** Products make activations, not masks; sizes are taken of any tensor. */
const leadsElsewhere = new Set(['MatMul', 'Gemm', 'Conv', 'Shape', 'Size']);

/** A mask is made by a few dozen operators; further up is the model itself. */
const mostOperators = 200;

/**
 * Does an attention mask keep tokens from seeing later ones? True when something it is made of compares positions of
 * queries (a column) with positions of keys (a row), cuts a triangle, or is a stored square of booleans or of numbers for
 * all heads (GPT-2's `attn.bias`). Padding masks and relative position biases are none of these. Dimensions should be
 * symbolic: with one new token rows and columns look alike.
 */
export function isCausalMask(
  mask: TensorId,
  wiring: Wiring,
  facts: readonly (TensorFacts | undefined)[],
): boolean {
  const seen = new Set<TensorId>();
  const open = [mask];
  for (let visited = 0; open.length > 0 && visited < mostOperators; visited++) {
    const tensor = open.pop()!;
    if (tensor < 0 || seen.has(tensor)) continue;
    seen.add(tensor);
    const operator = wiring.producerOf(tensor);
    if (!operator) {
      const isStored = wiring.graph.tensors[tensor].role !== 'input';
      if (isStored && isTriangle(facts[tensor])) return true;
      continue;
    }
    if (operator.type === 'Trilu') return true;
    if (comparisons.has(operator.type) && comparesPositions(operator.inputs.map((id) => facts[id]))) {
      return true;
    }
    if (!leadsElsewhere.has(operator.type)) open.push(...operator.inputs);
  }
  return false;
}

/** A buffer [1, ..., 1, n, n]. */
function isTriangle(facts: TensorFacts | undefined): boolean {
  const sizes = facts?.shape?.map(Number);
  if (!facts || !sizes || sizes.length < 2) return false;
  const [rows, columns] = sizes.slice(-2);
  const isMask = facts.dtype === 'bool' || facts.dtype === 'uint8' || isFloat(facts.dtype);
  return isMask && rows > 1 && rows === columns && sizes.slice(0, -2).every((size) => size === 1);
}

/** One operand varies along the last axis only, the other along the one before. */
function comparesPositions([a, b]: readonly (TensorFacts | undefined)[]): boolean {
  if (!a?.shape || !b?.shape || isFloat(a.dtype)) return false;
  const isRow = (shape: Shape): boolean => (shape.at(-1) ?? 1) !== 1 && (shape.at(-2) ?? 1) === 1;
  const isColumn = (shape: Shape): boolean => shape.at(-1) === 1 && (shape.at(-2) ?? 1) !== 1;
  return (isRow(a.shape) && isColumn(b.shape)) || (isRow(b.shape) && isColumn(a.shape));
}
