import type { TensorId } from '../../graph/modelGraph';
import { float, int, intsOf, type Pattern, type PatternContext } from '../pattern';
import type { Match } from '../match';
import { any, initializer, number, op, either, scalar } from '../template';

const x = any('input');
const weight = initializer('weight');
const bias = initializer('bias');
const epsilon = scalar('epsilon');

const mean = op('ReduceMean', x);
const centred = op('Sub', x, mean);
const variance = op('ReduceMean', either(op('Pow', centred, number(2)), op('Mul', centred, centred)));
const normalized = op('Div', centred, op('Sqrt', op('Add', variance, epsilon)));
const scaled = op('Mul', normalized, weight);

/** The first axis of the trailing ones that are normalized together, counted from the end; undefined if others are. */
function trailingAxis(match: Match, { graph, factsOf }: PatternContext): number | undefined {
  const axes = intsOf(match.operator(mean), 'axes', 1, graph);
  const rank = factsOf(match.tensor(x)!)?.shape?.length;
  if (!axes || axes.length === 0) return undefined;
  if (!rank) return axes.length === 1 && axes[0] === -1 ? -1 : undefined;
  const first = Math.min(...axes.map((axis) => (axis < 0 ? axis : axis - rank)));
  return first === -axes.length ? first : undefined;
}

/** (x - mean) / sqrt(variance + eps), scaled and shifted. Source: torch.onnx symbolic of layer_norm before opset 17. */
export const layerNorm: Pattern = {
  name: 'layer-norm',
  readAs: 'torch.nn.functional.layer_norm',
  calls: ['layer_norm', 'native_layer_norm'],
  templates: [op('Add', scaled, bias), scaled, normalized],
  read(match, context) {
    const axis = trailingAxis(match, context);
    if (axis === undefined) return undefined;
    const own = [weight, bias]
      .map((hole) => match.tensor(hole))
      .filter((id): id is TensorId => id !== undefined);
    const eps = context.graph.tensors[match.tensor(epsilon)!].elements?.[0] ?? 1e-5;
    return {
      type: 'LayerNormalization',
      inputs: [match.tensor(x)!, ...own],
      attributes: new Map([
        ['axis', int(axis)],
        ['epsilon', float(eps)],
      ]),
    };
  },
};
