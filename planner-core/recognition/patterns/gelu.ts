import { string, type Pattern } from '../pattern';
import { any, either, number, op } from '../template';

const x = any('input');

/** 1 + erf(x / sqrt 2) */
const gate = op(
  'Add',
  op('Erf', either(op('Div', x, number(Math.SQRT2)), op('Mul', x, number(Math.SQRT1_2)))),
  number(1),
);

/**
 * x/2 · (1 + erf(x/√2)), in the orders exporters write the product. Source: torch.onnx symbolic functions of gelu
 * before opset 20.
 */
export const gelu: Pattern = {
  name: 'gelu',
  readAs: 'torch.nn.functional.gelu',
  calls: ['gelu'],
  templates: [
    op('Mul', op('Mul', x, gate), number(0.5)),
    op('Mul', op('Mul', x, number(0.5)), gate),
    op('Mul', x, op('Mul', gate, number(0.5))),
  ],
  read: (match) => ({ type: 'Gelu', inputs: [match.tensor(x)!] }),
};

const cubed = op('Mul', x, op('Mul', x, x));
const tanhOf = (cube: typeof cubed) =>
  op('Tanh', op('Mul', number(Math.sqrt(2 / Math.PI)), op('Add', x, op('Mul', number(0.044715), cube))));

/**
 * The tanh approximation as the exporter writes it, with x³ = x·(x·x). Programs that write the formula themselves use
 * torch.pow: they really keep its pieces, and are left as they are.
 */
export const geluTanh: Pattern = {
  name: 'gelu-tanh',
  readAs: "torch.nn.functional.gelu(approximate='tanh')",
  calls: ['gelu'],
  templates: [
    op('Mul', number(0.5), op('Mul', x, op('Add', number(1), tanhOf(cubed)))),
    op('Mul', op('Mul', number(0.5), x), op('Add', number(1), tanhOf(cubed))),
  ],
  read: (match) => ({
    type: 'Gelu',
    inputs: [match.tensor(x)!],
    attributes: new Map([['approximate', string('tanh')]]),
  }),
};

const inner = op(
  'Mul',
  op('Mul', x, number(Math.sqrt(2 / Math.PI))),
  op('Add', op('Mul', op('Mul', x, number(0.044715)), x), number(1)),
);

/**
 * The tanh approximation with x factored out, which Bloom wraps in an autograd.Function of its own that keeps only its
 * input. Source: bloom_gelu_forward and GeLUFunction in transformers' modeling_bloom.py.
 */
export const geluFactored: Pattern = {
  name: 'gelu-factored',
  readAs: 'GeLUFunction of Bloom',
  templates: [op('Mul', op('Mul', x, number(0.5)), op('Add', op('Tanh', inner), number(1)))],
  read: (match) => ({
    type: 'Gelu',
    inputs: [match.tensor(x)!],
    attributes: new Map([['approximate', string('tanh')]]),
  }),
};
