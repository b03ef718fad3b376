import { float, int, intsOf, type Pattern } from '../pattern';
import { any, either, initializer, number, op, scalar } from '../template';

const x = any('input');
const weight = initializer('weight');
const epsilon = scalar('epsilon');
const meanSquare = op('ReduceMean', either(op('Pow', x, number(2)), op('Mul', x, x)));
const root = op('Sqrt', op('Add', meanSquare, epsilon));
const normalized = either(
  op('Mul', x, either(op('Reciprocal', root), op('Div', number(1), root))),
  op('Div', x, root),
);
const scaled = op('Mul', normalized, weight);

/**
 * x / sqrt(mean(x²) + eps), scaled, inside a module that the exporter names torch.nn.RMSNorm. Below opset 23 it is taken
 * apart before the exporter notes its calls, and looks like the many that programs write themselves: those keep their
 * pieces.
 */
export const rmsNorm: Pattern = {
  name: 'rms-norm',
  readAs: 'torch.nn.functional.rms_norm',
  templates: [scaled],
  read(match, { graph, factsOf }) {
    const module = graph.modules[match.operator(scaled)!.module];
    if (module.classPath !== 'torch.nn.modules.normalization.RMSNorm') return undefined;
    const axes = intsOf(match.operator(meanSquare), 'axes', 1, graph);
    const rank = factsOf(match.tensor(x)!)?.shape?.length;
    const first =
      axes && Math.min(...axes.map((axis) => (axis < 0 || rank === undefined ? axis : axis - rank)));
    if (!axes || first !== -axes.length) return undefined;
    const eps = graph.tensors[match.tensor(epsilon)!].elements?.[0] ?? 1e-5;
    return {
      type: 'RMSNormalization',
      inputs: [match.tensor(x)!, match.tensor(weight)!],
      attributes: new Map([
        ['axis', int(first)],
        ['epsilon', float(eps)],
      ]),
      call: 'rms_norm',
    };
  },
};
