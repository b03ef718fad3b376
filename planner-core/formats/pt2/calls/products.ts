import { as, float, given, int, text, type Lowering, type LoweringTable } from '../call';

/** x·Wᵀ + b: PyTorch stores the weight as [out, in]. */
const linear: Lowering = (call) => ({
  type: 'linear',
  domain: 'aten',
  inputs: [call.tensor('input'), call.tensor('weight'), call.tensor('bias')],
  attributes: { transB: int(1) },
});

/** self + mat1·mat2 */
const addmm: Lowering = (call) => ({
  type: 'Gemm',
  inputs: [call.tensor('mat1'), call.tensor('mat2'), call.tensor('self')],
  attributes: { transB: int(0) },
});

const product = (...names: readonly string[]): Lowering => as('MatMul', names);

/** Matrix products and attention. */
export const productCalls: LoweringTable = {
  linear,
  addmm,
  baddbmm: as('baddbmm', ['batch1', 'batch2', 'self'], 'aten'),
  matmul: product('self', 'other'),
  mm: product('self', 'mat2'),
  bmm: product('self', 'mat2'),
  mv: product('self', 'vec'),
  dot: product('self', 'tensor'),
  einsum: (call) => ({
    type: 'Einsum',
    inputs: call.tensors('tensors'),
    attributes: { equation: text(call.text('equation') ?? '') },
  }),
  scaled_dot_product_attention: (call) => {
    const mask = call.tensor('attn_mask');
    const dropout = call.constant('dropout_p', 0);
    // Without an axis for the heads there is one head.
    const heads = call.rank('query') === 3 ? int(1) : undefined;
    return {
      type: 'Attention',
      inputs: ['query', 'key', 'value'].map((name) => call.tensor(name)).concat(mask >= 0 ? [mask] : []),
      attributes: given({
        q_num_heads: heads,
        kv_num_heads: heads,
        is_causal: call.flag('is_causal') ? int(1) : undefined,
        dropout_p: dropout > 0 ? float(dropout) : undefined,
      }),
    };
  },
};
