import type { Dim } from '../graph/dim';
import type { Shape } from '../graph/modelGraph';
import { viewStrides, contiguousStrides } from '../graph/strides';
import { broadcast, unify } from './dims';
import { mismatch } from './inferenceProblem';
import type { RuleTable } from './parts';
import type { ConcreteTensor, OperatorRule, Saved, StepContext } from './rule';

/** Each operand is kept for the gradient of the other. */
export function operandsKept(context: StepContext): Saved {
  return { inputs: [0, 1].filter((index) => context.needsGradient(1 - index)) };
}

/** numpy.matmul: the last two axes multiply, the axes before them broadcast. */
export function matmulShape(a: Shape, b: Shape): Shape {
  if (a.length === 0 || b.length === 0) throw mismatch('A scalar has no matrix product.');
  const rows: Dim[] = a.length === 1 ? [] : [a[a.length - 2]];
  const columns: Dim[] = b.length === 1 ? [] : [b[b.length - 1]];
  unify(a[a.length - 1], b[Math.max(b.length - 2, 0)], 'Inner sizes');
  return [...broadcast([a.slice(0, -2), b.slice(0, -2)]), ...rows, ...columns];
}

/** Swaps the last two axes where a transposing attribute asks for it. */
export const transposedIf = (shape: Shape, transposed: boolean): Shape =>
  transposed && shape.length >= 2
    ? [...shape.slice(0, -2), shape[shape.length - 1], shape[shape.length - 2]]
    : shape;

const matmulFacts: OperatorRule['infer'] = (context) => {
  const a = context.input(0);
  const b = context.input(1);
  if (!a) return [];
  return [{ dtype: a.dtype, shape: a.shape && b?.shape && matmulShape(a.shape, b.shape) }];
};

/** Every output element sums over the inner size. */
export function matmulMacs(context: StepContext): number {
  const shape = context.input(0)?.shape;
  return (context.output(0)?.elements ?? 0) * (shape?.[shape.length - 1] ?? 0);
}

/**
 * A product with a matrix merges all leading axes to rows; where strides do not allow that (a transposed sequence), the
 * input is copied, and the copy is what is kept. Source: should_fold in LinearAlgebra.cpp.
 */
export function rowsCopied(context: StepContext): readonly { input: number; bytes: number }[] {
  const x = context.input(0);
  if (!x?.strides || x.shape.length < 3) return [];
  const columns = x.shape[x.shape.length - 1];
  const rows = columns > 0 ? x.elements / columns : 0;
  const isView = viewStrides(x.shape, x.strides, [rows, columns]) !== undefined;
  return isView ? [] : [{ input: 0, bytes: x.bytes }];
}

/**
 * torch.matmul of two operands with leading axes expands them to the common batch, merges it to one axis and calls bmm.
 * Where the strides do not allow the merge (heads split by view and transpose), or a batch axis is broadcast, the
 * operand is copied, and the copy is what is kept.
 */
function batchedCopies(context: StepContext): readonly { input: number; bytes: number }[] {
  const a = context.input(0);
  const b = context.input(1);
  const result = context.output(0);
  if (!a || !b || !result) return [];
  if (b.shape.length === 2) return rowsCopied(context);
  if (Math.min(a.shape.length, b.shape.length) < 3) return [];
  const batch = result.shape.slice(0, -2);
  return [a, b].flatMap((operand, input) => {
    const matrix = operand.shape.slice(-2);
    if (mergesAsView(operand, batch, matrix)) return [];
    const elements = [...batch, ...matrix].reduce((product, size) => product * size, 1);
    return [{ input, bytes: (operand.bytes / Math.max(operand.elements, 1)) * elements }];
  });
}

function mergesAsView(operand: ConcreteTensor, batch: readonly number[], matrix: readonly number[]): boolean {
  const own = operand.strides ?? contiguousStrides(operand.shape);
  const lead = batch.length - (operand.shape.length - 2);
  const strides = batch.map((size, axis) =>
    axis < lead || operand.shape[axis - lead] !== size ? 0 : own[axis - lead],
  );
  const merged = [batch.reduce((product, size) => product * size, 1), ...matrix];
  return viewStrides([...batch, ...matrix], [...strides, ...own.slice(-2)], merged) !== undefined;
}

/** alpha * A' * B' + beta * C; the bias C keeps nothing. */
export const gemm: OperatorRule = {
  autocast: 'half',
  infer(context) {
    const a = context.input(0);
    const b = context.input(1);
    if (!a?.shape || !b?.shape) return [a && { dtype: a.dtype }];
    if (a.shape.length !== 2 || b.shape.length !== 2) {
      throw mismatch(`Ranks ${a.shape.length} and ${b.shape.length}: Gemm multiplies matrices.`);
    }
    const left = transposedIf(a.shape, context.int('transA', 0) !== 0);
    const right = transposedIf(b.shape, context.int('transB', 0) !== 0);
    return [{ dtype: a.dtype, shape: matmulShape(left, right) }];
  },
  macs(context) {
    const inner = context.input(0)?.shape[context.int('transA', 0) ? 0 : 1] ?? 0;
    return (context.output(0)?.elements ?? 0) * inner;
  },
  saves: operandsKept,
};

/** Matrix products. */
export const matmulRules: RuleTable = {
  MatMul: {
    autocast: 'half',
    infer: matmulFacts,
    macs: matmulMacs,
    saves: operandsKept,
    copies: batchedCopies,
  },
  Gemm: gemm,
  MatMulInteger: {
    differentiable: false,
    infer(context) {
      const [a, b] = [context.input(0)?.shape, context.input(1)?.shape];
      return [{ dtype: 'int32', shape: a && b && matmulShape(a, b) }];
    },
    macs: matmulMacs,
  },
  /** Determinants of the matrices in the last two axes; backward solves with its LU factors. */
  Det: {
    infer(context) {
      const x = context.input(0);
      if (x?.shape && x.shape.length < 2) throw mismatch(`Rank ${x.shape.length}: there is no matrix.`);
      return [x && { dtype: x.dtype, shape: x.shape?.slice(0, -2) }];
    },
    saves: (context) => ({
      inputs: [0],
      outputs: [0],
      extra: [{ name: 'LU factors', bytes: context.input(0)?.bytes ?? 0 }],
    }),
  },
};
