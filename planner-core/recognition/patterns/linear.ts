import { int, type Pattern } from '../pattern';
import { any, either, initializer, op, opWhere } from '../template';

const x = any('input');
const weight = initializer('weight');
const bias = initializer('bias');
const transposed = opWhere('Transpose', isMatrixTranspose, weight);
const product = op('MatMul', x, either(transposed, weight));

function isMatrixTranspose({
  attributes,
}: {
  attributes: ReadonlyMap<string, { kind: string; value: unknown }>;
}) {
  const order = attributes.get('perm')?.value;
  return order === undefined || String(order) === '1,0';
}

/** x·Wᵀ + b over inputs of any rank: one addmm, whose result is the only new tensor. */
export const linear: Pattern = {
  name: 'linear',
  readAs: 'torch.nn.functional.linear',
  calls: ['linear', 'addmm'],
  templates: [op('Add', product, bias)],
  read(match, { factsOf }) {
    const [w, b] = [weight, bias].map((hole) => match.tensor(hole)!);
    if (factsOf(w)?.shape?.length !== 2 || factsOf(b)?.shape?.length !== 1) return undefined;
    return {
      domain: 'aten',
      type: 'linear',
      inputs: [match.tensor(x)!, w, b],
      attributes: new Map([['transB', int(match.operator(transposed) ? 1 : 0)]]),
    };
  },
};
