import { symbol, type Dim } from '../../../../planner-core/graph/dim';
import type { ModelGraph } from '../../../../planner-core/graph/modelGraph';
import { ModelBuilder } from '../../support/modelBuilder';

export interface DecoderSizes {
  readonly layers: number;
  readonly keyValueHeads: number;
  /** Query heads for each head of keys and values. */
  readonly groups: number;
  readonly headSize: number;
  readonly newTokens: number;
}

export const smallDecoder: DecoderSizes = {
  layers: 2,
  keyValueHeads: 2,
  groups: 2,
  headSize: 4,
  newTokens: 8,
};

/** What an attention layer is made of: names of its input, result and parts. */
type AddAttention = (
  builder: ModelBuilder,
  layer: number,
  parts: { query: string; key: string; value: string; sizes: DecoderSizes },
) => string;

/** Attention in one operator that repeats the heads of keys and values itself. */
export const fused =
  (attributes: Record<string, number>, ...rest: readonly string[]): AddAttention =>
  (builder, layer, { query, key, value }) => {
    builder.operator('Attention', [query, key, value, ...rest], [`o${layer}`], attributes);
    return `o${layer}`;
  };

/** Attention written out: repeated heads, product, what `mask` adds to the scores, softmax, product. */
export const writtenOut =
  (mask: string | undefined): AddAttention =>
  (builder, layer, { query, key, value, sizes }) => {
    const repeated = (name: string): string => {
      if (sizes.groups === 1) return name;
      builder
        .operator('Unsqueeze', [name, 'axis2'], [`${name}_5d`])
        .operator('Expand', [`${name}_5d`, 'groups'], [`${name}_wide`])
        .operator('Reshape', [`${name}_wide`, 'allHeads'], [`${name}_repeated`]);
      return `${name}_repeated`;
    };
    const [k, v] = [repeated(key), repeated(value)];
    builder
      .operator('Transpose', [k], [`kt${layer}`], { perm: [0, 1, 3, 2] })
      .operator('MatMul', [query, `kt${layer}`], [`s${layer}`]);
    if (mask) builder.operator('Add', [`s${layer}`, mask], [`m${layer}`]);
    builder
      .operator('Softmax', [mask ? `m${layer}` : `s${layer}`], [`p${layer}`], { axis: -1 })
      .operator('MatMul', [`p${layer}`, v], [`o${layer}`]);
    return `o${layer}`;
  };

/** A stack of attention layers over [batch, newTokens, width]. */
export function decoder(
  sizes: DecoderSizes,
  attention: AddAttention,
  batch: Dim = symbol('batch'),
): ModelGraph {
  const { layers, keyValueHeads, groups, headSize, newTokens } = sizes;
  const heads = keyValueHeads * groups;
  const width = heads * headSize;
  const builder = new ModelBuilder()
    .input('x', [batch, newTokens, width])
    .input('padding', [batch, 1, 1, newTokens])
    .parameter('triangle', [1, 1, newTokens, newTokens])
    .constant('axis2', [2])
    .constant('groups', [1, 1, groups, 1, 1])
    .constant('allHeads', [-1, heads, newTokens, headSize])
    .constant('split', [-1, newTokens, heads, headSize])
    .constant('splitFew', [-1, newTokens, keyValueHeads, headSize])
    .constant('joined', [-1, newTokens, width]);
  let x = 'x';
  for (let layer = 0; layer < layers; layer++) {
    const project = (name: string, columns: number, shape: string): string => {
      const id = `${name}${layer}`;
      builder
        .parameter(`w_${id}`, [width, columns])
        .operator('MatMul', [x, `w_${id}`], [`${id}_flat`])
        .operator('Reshape', [`${id}_flat`, shape], [`${id}_split`])
        .operator('Transpose', [`${id}_split`], [id], { perm: [0, 2, 1, 3] });
      return id;
    };
    const query = project('q', width, 'split');
    const key = project('k', keyValueHeads * headSize, 'splitFew');
    const value = project('v', keyValueHeads * headSize, 'splitFew');
    const result = attention(builder, layer, { query, key, value, sizes });
    builder
      .operator('Transpose', [result], [`t${layer}`], { perm: [0, 2, 1, 3] })
      .operator('Reshape', [`t${layer}`, 'joined'], [`x${layer}`]);
    x = `x${layer}`;
  }
  return builder.build(x);
}
