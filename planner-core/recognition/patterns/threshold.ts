import type { Pattern } from '../pattern';
import { any, number, op, scalar } from '../template';

const x = any('input');
const limit = scalar('limit');
const magnitude = op('Abs', x);

/**
 * Functions that replace elements below a limit, which torch.export decomposes before the exporter sees them. Each is one
 * call that keeps its input. Source: torch/_decomp/decompositions.py.
 */
export const threshold: Pattern = {
  name: 'threshold',
  readAs: 'torch.nn.functional.threshold',
  templates: [op('Where', op('LessOrEqual', x, limit), scalar('value'), x)],
  read: (match) => ({ type: 'ThresholdedRelu', inputs: [match.tensor(x)!] }),
};

export const hardShrink: Pattern = {
  name: 'hardshrink',
  readAs: 'torch.nn.functional.hardshrink',
  templates: [op('Where', op('LessOrEqual', magnitude, limit), number(0), x)],
  read: (match) => ({ type: 'Shrink', inputs: [match.tensor(x)!] }),
};

export const softShrink: Pattern = {
  name: 'softshrink',
  readAs: 'torch.nn.functional.softshrink',
  templates: [
    op(
      'Where',
      op('Greater', magnitude, limit),
      op('Sub', x, op('Mul', op('Sign', x), limit)),
      op('Mul', x, number(0)),
    ),
  ],
  read: (match) => ({ type: 'Shrink', inputs: [match.tensor(x)!] }),
};
