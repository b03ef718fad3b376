import { parentName } from '../../graph/moduleTree';
import type { ModelGraph, Operator, Tensor, TensorId } from '../../graph/modelGraph';
import type { Recognition } from '../recognise';
import { GraphEdit, type Restoration } from './restoration';

const name = 'reparametrized-weights';

/** Operators whose second input is a weight of their module. */
const weighted = new Set(['Conv', 'ConvTranspose', 'MatMul', 'Gemm', 'linear']);

interface Parts {
  readonly type: 'weight_norm' | 'spectral_norm';
  /** Name of the tensor of the weight's shape, then of those with one element for each slice, or row and column. */
  readonly names: readonly string[];
}

/**
 * An exporter's optimizer computes weights that depend on parameters only: the file has the results of
 * torch.nn.utils.weight_norm and spectral_norm, while training computes them in every forward pass. The names the program
 * declares tell which they are.
 */
export const restoreReparametrizedWeights: Restoration = ({ graph, factsOf }, off) => {
  if (off.has(name) || !graph.declared) return { graph, recognitions: [] };
  const edit = new GraphEdit(graph);
  const recognitions: Recognition[] = [];
  const present = new Set(graph.tensors.map((tensor) => tensor.name));
  const done = new Set<TensorId>();
  const operators = graph.operators.flatMap((operator) => {
    const weight = operator.inputs[1] ?? -1;
    const isCandidate = weighted.has(operator.type) && graph.tensors[weight]?.role === 'parameter';
    if (!isCandidate || done.has(weight) || off.has(operator.name)) return [operator];
    const parts = partsOf(operator, graph, present);
    const shape = factsOf(weight)?.shape;
    if (!parts || !shape) return [operator];
    done.add(weight);
    const stored = isStoredTransposed(operator) ? [shape[1], shape[0]] : shape;
    const [rows, ...columns] = stored as readonly number[];
    const sizes = [
      stored,
      parts.type === 'weight_norm' ? [rows, ...columns.map(() => 1)] : [rows],
      [columns.reduce((product, size) => product * size, 1)],
    ];
    const inputs = parts.names.map((part, position) => {
      const role: Tensor['role'] = graph.declared!.get(part) === 'buffer' ? 'buffer' : 'parameter';
      return edit.tensor({ name: part, role, dtype: 'float32', shape: sizes[position] });
    });
    edit.retire(weight);
    recognitions.push({
      pattern: name,
      readAs: `torch.nn.utils.${parts.type}`,
      operator: operator.name,
      pieces: [operator.name],
      by: 'metadata',
    });
    const norm: Operator = {
      ...operator,
      name: `${operator.name} ${parts.type}`,
      domain: 'aten',
      type: parts.type,
      inputs,
      outputs: [weight],
      attributes: new Map(),
    };
    return [norm, operator];
  });
  return { graph: edit.finish(operators), recognitions };
};

/** A matrix product reads its weight as [in, out], PyTorch stores [out, in]. */
const isStoredTransposed = ({ type, attributes }: Operator): boolean => {
  const transposes = attributes.get('transB');
  const isMatrix = type === 'MatMul' || type === 'Gemm' || type === 'linear';
  return isMatrix && !(transposes?.kind === 'int' && transposes.value === 1);
};

/** The parameters and buffers an operator's weight was computed from. */
function partsOf(operator: Operator, graph: ModelGraph, present: ReadonlySet<string>): Parts | undefined {
  const bias = graph.tensors[operator.inputs[2] ?? -1]?.name;
  const modules = [graph.modules[operator.module].name, ...(bias ? [parentName(bias)] : [])];
  for (const module of modules) {
    for (const { type, kinds } of spellings) {
      const names = Object.keys(kinds).map((last) => (module === '' ? last : `${module}.${last}`));
      const isLost = (part: string, position: number): boolean =>
        graph.declared!.get(part) === Object.values(kinds)[position] && !present.has(part);
      if (names.every(isLost)) return { type, names };
    }
  }
  return undefined;
}

/** How torch.nn.utils and torch.nn.utils.parametrizations name what a weight is computed from. */
const spellings: readonly {
  readonly type: Parts['type'];
  readonly kinds: Readonly<Record<string, 'parameter' | 'buffer'>>;
}[] = [
  { type: 'weight_norm', kinds: { weight_v: 'parameter', weight_g: 'parameter' } },
  {
    type: 'weight_norm',
    kinds: {
      'parametrizations.weight.original1': 'parameter',
      'parametrizations.weight.original0': 'parameter',
    },
  },
  { type: 'spectral_norm', kinds: { weight_orig: 'parameter', weight_u: 'buffer', weight_v: 'buffer' } },
  {
    type: 'spectral_norm',
    kinds: {
      'parametrizations.weight.original': 'parameter',
      'parametrizations.weight.0._u': 'buffer',
      'parametrizations.weight.0._v': 'buffer',
    },
  },
];
