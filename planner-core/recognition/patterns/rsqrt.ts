import type { Pattern } from '../pattern';
import { any, number, op } from '../template';

const x = any('input');
const root = op('Sqrt', x);

/** 1/√x. Source: torch.onnx symbolic of rsqrt. */
export const rsqrt: Pattern = {
  name: 'rsqrt',
  readAs: 'torch.rsqrt',
  calls: ['rsqrt'],
  templates: [op('Div', number(1), root), op('Reciprocal', root)],
  read: (match) => ({ domain: 'aten', type: 'rsqrt', inputs: [match.tensor(x)!] }),
};
