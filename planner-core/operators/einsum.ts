import type { Dim } from '../graph/dim';
import type { Shape } from '../graph/modelGraph';
import { contiguousStrides, viewStrides } from '../graph/strides';
import { broadcast } from './dims';
import { badAttribute, mismatch } from './inferenceProblem';
import { operandsKept } from './matmul';
import type { RuleTable } from './parts';
import type { InferenceContext, StepContext } from './rule';

interface Subscripts {
  readonly operands: readonly string[];
  readonly result: string;
}

/** "ij,jk" means "ij,jk->ik": indices that occur once, in alphabetical order, after what the ellipses stand for. */
function subscriptsOf(context: { string(name: string): string | undefined }): Subscripts | undefined {
  const equation = context.string('equation')?.replaceAll(/\s/g, '');
  const [left, right, ...more] = equation?.split('->') ?? [];
  // The left side is empty when the only operand is a scalar.
  if (left === undefined || more.length > 0 || !/^[A-Za-z.,]*$/.test(left)) return undefined;
  if (right !== undefined && !/^(?:([A-Za-z])(?!.*\1)|\.{3}(?!.*\.))*$/.test(right)) return undefined;
  const letters = [...left.replaceAll(/[.,]/g, '')];
  const once = letters.filter(
    (letter, i) => letters.indexOf(letter) === i && letters.lastIndexOf(letter) === i,
  );
  const result = right ?? (left.includes('...') ? '...' : '') + once.sort().join('');
  return { operands: left.split(','), result };
}

function einsumShape(context: InferenceContext): Shape | undefined {
  const subscripts = subscriptsOf(context);
  if (!subscripts) throw badAttribute('The equation is missing or malformed.');
  const { operands, result } = subscripts;
  if (operands.length !== context.operator.inputs.length) {
    throw badAttribute(
      `The equation has ${operands.length} terms for ${context.operator.inputs.length} inputs.`,
    );
  }
  const sizes = new Map<string, Dim>();
  let ellipsis: Shape = [];
  for (const [index, term] of operands.entries()) {
    const shape = context.input(index)?.shape;
    if (!shape) return undefined;
    const letters = term.replace('...', '').length;
    const covered = term.includes('...') ? shape.length - letters : 0;
    if (covered < 0 || letters + covered !== shape.length) {
      throw mismatch(`"${term}" does not describe a tensor of rank ${shape.length}.`);
    }
    const start = term.includes('...') ? term.indexOf('...') : shape.length;
    ellipsis = broadcast([ellipsis, shape.slice(start, start + covered)]);
    [...term.replace('...', '')].forEach((letter, position) => {
      const dim = shape[position < start ? position : position + covered];
      const known = sizes.get(letter);
      // A size of 1 broadcasts.
      sizes.set(letter, known === undefined ? dim : broadcast([[known], [dim]])[0]);
    });
  }
  return result.split(/(\.\.\.)/).flatMap((part) =>
    part === '...'
      ? ellipsis
      : [...part].map((letter) => {
          const size = sizes.get(letter);
          if (size === undefined) throw badAttribute(`Index ${letter} of the result is in no input.`);
          return size;
        }),
  );
}

/** One product for every combination of indices, when it contracts two operands. */
function einsumMacs(context: StepContext): number {
  const { operands, result } = subscriptsOf(context) ?? { operands: [], result: '' };
  if (operands.length !== 2) return 0;
  const contracted = new Map<string, number>();
  operands.forEach((term, index) => {
    const shape = context.input(index)?.shape ?? [];
    const letters = [...term.replace('...', '')];
    const start = term.includes('...') ? term.indexOf('...') : shape.length;
    letters.forEach((letter, position) => {
      const size = shape[position < start ? position : position + shape.length - letters.length] ?? 0;
      if (!result.includes(letter)) contracted.set(letter, Math.max(contracted.get(letter) ?? 1, size));
    });
  });
  return [...contracted.values()].reduce((product, size) => product * size, context.output(0)?.elements ?? 0);
}

/**
 * Two operands are permuted to [shared, own, summed] indices and [shared, summed, own], each group is merged to one axis,
 * and bmm multiplies them; where strides do not allow the merge, the operand is copied, and the copy is what is kept.
 * Nothing summed: a product element by element, of the operands as they are. Source: sumproduct_pair in Linear.cpp.
 */
function mergedCopies(context: StepContext): readonly { input: number; bytes: number }[] {
  const { operands, result } = subscriptsOf(context) ?? { operands: [], result: '' };
  if (operands.length !== 2 || operands.some((term) => term.includes('.'))) return [];
  const [left, right] = operands;
  const isIn = (term: string) => (letter: string) => term.includes(letter);
  const shared = [...result].filter((letter) => isIn(left)(letter) && isIn(right)(letter));
  const summed = [...new Set(left)].filter((letter) => isIn(right)(letter) && !isIn(result)(letter)).sort();
  if (summed.length === 0) return [];
  const own = (term: string): string[] =>
    [...result].filter((letter) => isIn(term)(letter) && !shared.includes(letter));
  const groups = [
    [shared, own(left), summed],
    [shared, summed, own(right)],
  ];
  return operands.flatMap((term, input) => {
    const operand = context.input(input);
    if (!operand || new Set(term).size < term.length) return [];
    const strides = operand.strides ?? contiguousStrides(operand.shape);
    const axes = groups[input].map((letters) => letters.map((letter) => term.indexOf(letter)));
    const order = axes.flat();
    const sizes = order.map((axis) => operand.shape[axis]);
    const merged = axes.map((group) => group.reduce((product, axis) => product * operand.shape[axis], 1));
    const isView =
      viewStrides(
        sizes,
        order.map((axis) => strides[axis]),
        merged,
      ) !== undefined;
    return isView ? [] : [{ input, bytes: operand.bytes }];
  });
}

/** Sums of products named by their indices. */
export const einsumRules: RuleTable = {
  Einsum: {
    autocast: 'half',
    infer(context) {
      const first = context.input(0);
      return [first && { dtype: first.dtype, shape: einsumShape(context) }];
    },
    macs: einsumMacs,
    saves: (context) =>
      context.operator.inputs.length === 2
        ? operandsKept(context)
        : { inputs: context.operator.inputs.map((_, index) => index) },
    copies: mergedCopies,
  },
};
