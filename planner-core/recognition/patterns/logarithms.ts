import type { Pattern } from '../pattern';
import { any, number, op } from '../template';

const x = any('input');

/** Softplus turns linear where its exponential would overflow. Source: onnxscript's function for aten.softplus. */
export const softplus: Pattern = {
  name: 'softplus',
  readAs: 'torch.nn.functional.softplus',
  calls: ['softplus'],
  templates: [op('Where', op('Greater', x, number(20)), x, op('Softplus', x))],
  read: (match) => ({ type: 'Softplus', inputs: [match.tensor(x)!] }),
};

/** log(σ(x)). Source: torch.onnx symbolic of log_sigmoid. */
export const logSigmoid: Pattern = {
  name: 'log-sigmoid',
  readAs: 'torch.nn.functional.logsigmoid',
  calls: ['log_sigmoid'],
  templates: [op('Log', op('Sigmoid', x))],
  read: (match) => ({ domain: 'aten', type: 'log_sigmoid', inputs: [match.tensor(x)!] }),
};
