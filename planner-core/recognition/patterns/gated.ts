import { int, type Pattern } from '../pattern';
import { any, number, op, opWhere } from '../template';

const x = any('input');

/** x·σ(x). A program may write the same two calls itself and then keeps one tensor more; the function is the rule. */
export const silu: Pattern = {
  name: 'silu',
  readAs: 'torch.nn.functional.silu',
  calls: ['silu'],
  templates: [op('Mul', x, op('Sigmoid', x))],
  read: (match) => ({ type: 'Swish', inputs: [match.tensor(x)!] }),
};

const isSixth = (value: number): boolean => Math.abs(value - 1 / 6) < 1e-3;

/** x · clip(x/6 + 1/2, 0, 1), or x · clip(x + 3, 0, 6) / 6. */
export const hardSwish: Pattern = {
  name: 'hardswish',
  readAs: 'torch.nn.functional.hardswish',
  calls: ['hardswish'],
  templates: [
    op(
      'Mul',
      x,
      opWhere(
        'HardSigmoid',
        ({ attributes }) => {
          const alpha = attributes.get('alpha');
          return alpha?.kind === 'float' && isSixth(alpha.value);
        },
        x,
      ),
    ),
    op('Div', op('Mul', x, op('Clip', op('Add', x, number(3)), number(0), number(6))), number(6)),
    op('Mul', x, op('Div', op('Clip', op('Add', x, number(3)), number(0), number(6)), number(6))),
  ],
  read: (match) => ({ type: 'HardSwish', inputs: [match.tensor(x)!] }),
};

/** x · tanh(softplus(x)). */
export const mish: Pattern = {
  name: 'mish',
  readAs: 'torch.nn.functional.mish',
  calls: ['mish'],
  templates: [op('Mul', x, op('Tanh', op('Softplus', x)))],
  read: (match) => ({ type: 'Mish', inputs: [match.tensor(x)!] }),
};

const value = any('value');
const gate = any('gate');

/**
 * a · σ(b) of the two halves of a tensor. Tracing writes the cut without sizes; chunk and split, which a program calls
 * itself, have them (or become slices). Source: torch.onnx symbolic of glu.
 */
export const glu: Pattern = {
  name: 'glu',
  readAs: 'torch.nn.functional.glu',
  calls: ['glu'],
  templates: [op('Mul', value, op('Sigmoid', gate))],
  read(match, { producerOf }) {
    const halves = [value, gate].map((hole) => match.tensor(hole)!);
    const split = producerOf(halves[0]);
    if (split?.type !== 'Split' || String(split.outputs) !== String(halves)) return undefined;
    if (split.inputs.length > 1 || split.attributes.has('split')) return undefined;
    const axis = split.attributes.get('axis');
    return {
      domain: 'aten',
      type: 'glu',
      inputs: [split.inputs[0]],
      attributes: new Map([['axis', axis ?? int(0)]]),
    };
  },
};
