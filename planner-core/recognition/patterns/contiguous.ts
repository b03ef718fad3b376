import type { Operator } from '../../graph/modelGraph';
import type { Pattern } from '../pattern';
import { any, op } from '../template';

const piece = any('piece');
const reshaped = op('Reshape', piece);

const isPacked = (operator: Operator | undefined): boolean =>
  operator?.type === 'linear' && operator.domain === 'aten';

/**
 * torch.nn.MultiheadAttention cuts query, key and value out of one projection and makes each contiguous before it
 * splits heads off; tracing leaves that copy out. Source: multi_head_attention_forward, _in_projection_packed.
 */
export const packedProjection: Pattern = {
  name: 'packed-projection',
  readAs: 'contiguous() of a piece of the packed projection of torch.nn.MultiheadAttention',
  templates: [reshaped],
  read(match, { graph, producerOf }) {
    const slice = producerOf(match.tensor(piece)!);
    if (slice?.type !== 'Slice') return undefined;
    const projection = producerOf(slice.inputs[0]);
    const weight = isPacked(projection) ? graph.tensors[projection!.inputs[1]].name : '';
    if (!/(^|\.)in_proj_weight$/.test(weight)) return undefined;
    const { inputs, attributes } = match.operator(reshaped)!;
    return { domain: 'aten', type: 'contiguous_view', inputs, attributes };
  },
};

const pieces = any('pieces');
const separated = op('Squeeze', pieces);

/**
 * Since PyTorch 2 the projection is seen as [length, batch, pieces, features], the pieces move to the front, and all of
 * them are made contiguous at once: query, key and value are selections of one copy. Source: _in_projection_packed.
 */
export const packedProjections: Pattern = {
  name: 'packed-projections',
  readAs: 'contiguous() of the packed projection of torch.nn.MultiheadAttention',
  templates: [separated],
  read(match, { producerOf }) {
    const moved = producerOf(match.tensor(pieces)!);
    const order = moved?.attributes.get('perm')?.value;
    if (moved?.type !== 'Transpose' || String(order) !== '3,1,2,0,4') return undefined;
    const unsqueezed = producerOf(moved.inputs[0]);
    const view = producerOf(unsqueezed?.inputs[0] ?? -1);
    if (unsqueezed?.type !== 'Unsqueeze' || view?.type !== 'Reshape') return undefined;
    const { inputs, attributes } = match.operator(separated)!;
    return { domain: 'aten', type: 'contiguous_squeeze', inputs, attributes };
  },
};
