/**
 * Names of one computation in ONNX, in ATen and in ONNX Runtime's fusions, without what tells variants apart. What is not listed
 * matches by its own name.
 */
const spellings: Readonly<Record<string, readonly string[]>> = {
  convolution: [
    'conv',
    'conv1d',
    'conv2d',
    'conv3d',
    'convtranspose',
    'convtranspose1d',
    'convtranspose2d',
    'fusedconv',
  ],
  product: [
    'linear',
    'addmm',
    'mm',
    'bmm',
    'baddbmm',
    'matmul',
    'gemm',
    'einsum',
    'fusedmatmul',
    'fusedgemm',
    'matmulinteger',
  ],
  batchnorm: ['batchnormalization', 'batchnormlegit', 'batchnormlegitfunctional', 'batchnormlegitnotraining'],
  layernorm: ['layernormalization', 'skiplayernormalization'],
  groupnorm: ['groupnormalization'],
  instancenorm: ['instancenormalization'],
  rmsnorm: ['rmsnormalization', 'simplifiedlayernormalization', 'fusedrmsnorm'],
  embedding: ['gather', 'indexselect'],
  attention: ['multiheadattention', 'scaleddotproductattention', 'scaleddotproductflashattention'],
  maxpool: [
    'maxpool1d',
    'maxpool2d',
    'maxpool3d',
    'maxpool2dwithindices',
    'globalmaxpool',
    'adaptivemaxpool2d',
  ],
  avgpool: ['averagepool', 'avgpool1d', 'avgpool2d', 'avgpool3d'],
  mean: ['reducemean', 'globalaveragepool', 'adaptiveavgpool1d', 'adaptiveavgpool2d', 'adaptiveavgpool3d'],
  sum: ['reducesum'],
  concat: ['cat'],
  softmax: ['safesoftmax'],
  gelu: ['biasgelu', 'fastgelu', 'quickgelu'],
  silu: ['swish'],
  hardswish: ['hswish'],
  resize: ['upsample', 'upsamplenearest2d', 'upsamplebilinear2d', 'interpolate'],
  where: ['maskedfill'],
  clip: ['clamp', 'hardtanh', 'relu6'],
  power: ['pow'],
  copy: [
    'clone',
    'contiguous',
    'reshape',
    'transpose',
    'expand',
    'contiguousview',
    'permute',
    'flatten',
    'copy',
    'tocopy',
  ],
};

const familyOf = new Map(
  Object.entries(spellings).flatMap(([family, names]) =>
    [family, ...names].map((name) => [name, family] as const),
  ),
);

/**
 * The kind of computation a name stands for: `aten::_native_batch_norm_legit`, `aten.batch_norm.default` and `BatchNormalization` have the
 * same one.
 */
export function computationFamily(name: string): string {
  const bare = name
    .replace(/^(aten(::|\.)|torch\.ops\.aten\.)/, '')
    .replace(/\..*$/, '')
    .replace(/^_*(native_|cudnn_|mkldnn_|miopen_)?/, '')
    .replaceAll('_', '')
    .toLowerCase();
  return familyOf.get(bare) ?? bare;
}
