import type { TensorId } from '../../graph/modelGraph';
import { float, type Pattern } from '../pattern';
import { any, either, initializer, op, opWhere, type Template } from '../template';

const query = any('query');
const key = any('key');
const value = any('value');
const mask = any('mask');
const scale = any('scale');

const swapsLastTwo = ({
  attributes,
}: {
  attributes: ReadonlyMap<string, { kind: string; value: unknown }>;
}) => {
  const order = attributes.get('perm');
  const axes = order?.kind === 'ints' ? (order.value as readonly number[]) : [];
  const rank = axes.length;
  return rank >= 3 && axes[rank - 1] === rank - 2 && axes[rank - 2] === rank - 1;
};

/** Key with its last two axes swapped: at once, or through a three-dimensional view of it. */
const flat = op('Reshape', key);
const swapped = either(
  opWhere('Transpose', swapsLastTwo, key),
  op('Reshape', opWhere('Transpose', swapsLastTwo, flat)),
);
const scaledQuery = op('Mul', query, scale);
const scaledKey = op('Mul', swapped, scale);
const scores = op('MatMul', scaledQuery, scaledKey);
const masked = either(op('Add', scores, mask), scores);
const weights = opWhere(
  'Softmax',
  ({ attributes }) => {
    const axis = attributes.get('axis');
    return axis === undefined || (axis.kind === 'int' && axis.value === -1);
  },
  masked,
);
/** Rows that are masked altogether come out as NaN and are set to zero in newer exports. */
const guarded: Template = either(op('Where', op('IsNaN', weights), initializer('zero'), weights), weights);
const kept: Template = either(op('Dropout', guarded), guarded);

/**
 * softmax(q·√s · (k·√s)ᵀ + mask) · v. Splitting the scale over both operands is how the exporter writes
 * scaled_dot_product_attention; attention written by hand scales once. Source: torch.onnx symbolic functions, opset 14.
 */
export const attention: Pattern = {
  name: 'attention',
  readAs: 'torch.nn.functional.scaled_dot_product_attention',
  calls: ['scaled_dot_product_attention'],
  templates: [op('MatMul', kept, value)],
  read(match, { graph, factsOf }) {
    const ranks = [query, key, value].map((hole) => factsOf(match.tensor(hole)!)?.shape?.length);
    if (ranks.some((rank) => rank !== 4)) return undefined;
    const maskTensor: TensorId | undefined = match.tensor(mask);
    const root = graph.tensors[match.tensor(scale)!].elements?.[0];
    return {
      type: 'Attention',
      inputs: [query, key, value].map((hole) => match.tensor(hole)!).concat(maskTensor ?? []),
      attributes: new Map(root === undefined ? [] : [['scale', float(root * root)]]),
    };
  },
};
