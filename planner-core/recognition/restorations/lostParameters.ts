import { parentName } from '../../graph/moduleTree';
import type { ModelGraph, Operator, Tensor, TensorId } from '../../graph/modelGraph';
import type { PatternContext } from '../pattern';
import type { Recognition } from '../recognise';
import { GraphEdit, isVector, type Restoration } from './restoration';

const name = 'lost-parameters';

/** Operators whose third input is a bias that may have been left out. */
const biased = new Set([
  'Conv',
  'ConvTranspose',
  'Gemm',
  'linear',
  'LayerNormalization',
  'GroupNormalization',
]);

/** Operators whose second input is a weight of their module. */
const weighted = new Set(['MatMul', 'Gemm', 'linear', 'Conv', 'ConvTranspose']);

/**
 * Exporters store initializers with equal elements once, and leave out biases that are all zero: untrained models lose
 * parameters that way. A vector that operators of several modules read is one for each of them; so is a weight of several
 * layers, where the program declares one for each and their biases are lost as well: torch.nn.TransformerEncoder clones
 * its layer. A bias that the program declares and the file does not have goes back to the operator of its weight.
 */
export const restoreLostParameters: Restoration = (context, off) => {
  const { graph } = context;
  if (off.has(name)) return { graph, recognitions: [] };
  const edit = new GraphEdit(graph);
  const recognitions: Recognition[] = [];
  const restored = (operator: Operator, parameter: string): void => {
    const readAs = `own parameter ${parameter}`;
    recognitions.push({
      pattern: name,
      readAs,
      operator: operator.name,
      pieces: [operator.name],
      by: 'metadata',
    });
  };
  const lost = lostNames(graph);
  const homes = homesOfShared(context);
  const replaced = new Map<TensorId, number>();
  const operators = graph.operators.map((operator) => {
    const inputs = [...operator.inputs];
    const module = graph.modules[operator.module].name;
    inputs.forEach((id, position) => {
      const home = id >= 0 ? homes.get(id) : undefined;
      if (home === undefined) return;
      const isNamed = !graph.declared || graph.declared.has(graph.tensors[id].name);
      if (isNamed && home === module) return;
      const own = isNamed
        ? ownName(graph.tensors[id], home, operator, graph, lost)
        : unnamedOf(operator, position, module, lost);
      if (own === undefined || (graph.declared && !lost.has(own))) return;
      const isWeight = !isVector(context.factsOf(id)?.shape);
      if (isWeight && (home === module || !isClone(own, lost))) return;
      lost.delete(own);
      inputs[position] = edit.tensor({ ...graph.tensors[id], name: own, external: undefined });
      if (!isNamed && !isWeight) replaced.set(id, (replaced.get(id) ?? 0) + 1);
      restored(operator, own);
    });
    const bias = biasOf(operator, context, lost);
    if (bias) {
      lost.delete(bias.name);
      inputs[2] = edit.tensor(bias);
      restored(operator, bias.name);
    }
    if (!bias && inputs.every((id, position) => id === operator.inputs[position])) return operator;
    const isProduct = bias && operator.type === 'MatMul';
    return { ...operator, inputs, ...(isProduct ? { domain: 'aten', type: 'linear' } : {}) };
  });
  // A result of folding that every reader has its own parameter for now is no tensor of the program.
  for (const [id, reads] of replaced) if (reads === context.index.readsOf(id)) edit.retire(id);
  return { graph: edit.finish(operators), recognitions };
};

/** Parameters the program has and the file does not. */
function lostNames(graph: ModelGraph): Set<string> {
  const present = new Set(graph.tensors.map((tensor) => tensor.name));
  const lost = new Set<string>();
  for (const [parameter, kind] of graph.declared ?? [])
    if (kind === 'parameter' && !present.has(parameter)) lost.add(parameter);
  return lost;
}

/** The module each parameter belongs to, for those that have lost their name or that several modules read. */
function homesOfShared({ graph, factsOf }: PatternContext): Map<TensorId, string> {
  const readers = new Map<TensorId, Set<string>>();
  const tied = new Set<TensorId>();
  for (const { type, inputs, module } of graph.operators) {
    inputs.forEach((id, position) => {
      if (id < 0 || graph.tensors[id].role !== 'parameter') return;
      readers.set(id, (readers.get(id) ?? new Set()).add(graph.modules[module].name));
      const isWeight = graph.declared && position === 1 && weighted.has(type);
      if (!isWeight && !isVector(factsOf(id)?.shape)) tied.add(id);
    });
  }
  const homes = new Map<TensorId, string>();
  for (const [id, modules] of readers) {
    const owner = parentName(graph.tensors[id].name);
    const isUnnamed = graph.declared && !graph.declared.has(graph.tensors[id].name);
    if (!tied.has(id) && (modules.size > 1 || isUnnamed))
      homes.set(id, modules.has(owner) ? owner : [...modules][0]);
  }
  return homes;
}

/** `layer2.norm.bias` for the tensor `layer1.norm.bias` that an operator of layer2.norm reads. */
function ownName(
  tensor: Tensor,
  home: string,
  operator: Operator,
  graph: ModelGraph,
  lost: ReadonlySet<string>,
): string {
  const isInHome = home !== '' && tensor.name.startsWith(`${home}.`);
  const last = tensor.name.slice(isInHome ? home.length + 1 : tensor.name.lastIndexOf('.') + 1);
  const inModule = `${graph.modules[operator.module].name}.${last}`;
  const beside = siblingOfWeight(operator, graph, tensor.name.slice(tensor.name.lastIndexOf('.') + 1));
  return !lost.has(inModule) && beside !== undefined && lost.has(beside) ? beside : inModule;
}

/** A copied layer has lost its bias together with its weight; one that is tied has a bias of its own. */
const isClone = (weight: string, lost: ReadonlySet<string>): boolean =>
  lost.has(weight.replace(/weight$/, 'bias'));

/**
 * The parameter of its own module that an operator reads under another shape, so that the file has lost its name: the one
 * with the usual name, else one of those the module has lost. Modules declare a scale before a shift.
 */
function unnamedOf(
  { type }: Operator,
  position: number,
  module: string,
  lost: ReadonlySet<string>,
): string | undefined {
  const role = type === 'Add' || position === 2 ? 'bias' : 'weight';
  const usual = [`${module}.${role}`, `${module}.in_proj_${role}`].find((name) => lost.has(name));
  if (usual !== undefined) return usual;
  const own = [...lost].filter((name) => parentName(name) === module);
  return type === 'Add' ? own[own.length - 1] : own[0];
}

/** The name beside an operator's weight: `fc.bias` for `fc.weight`; undefined where the weight has lost its name. */
function siblingOfWeight(operator: Operator, graph: ModelGraph, last: string): string | undefined {
  const weight = graph.tensors[operator.inputs[1] ?? -1];
  return weight?.name.endsWith('.weight') ? `${parentName(weight.name)}.${last}` : undefined;
}

/** The bias an operator has lost; undefined when it has one, or the program says of none. */
function biasOf(
  operator: Operator,
  { graph, factsOf }: PatternContext,
  lost: ReadonlySet<string>,
): Omit<Tensor, 'id'> | undefined {
  const { type, inputs } = operator;
  const isProduct = type === 'MatMul' && graph.tensors[inputs[1]]?.role === 'parameter';
  if (lost.size === 0 || (!isProduct && !biased.has(type)) || (inputs[2] ?? -1) >= 0) return undefined;
  const module = graph.modules[operator.module].name;
  const candidates = [siblingOfWeight(operator, graph, 'bias'), `${module}.bias`, `${module}.in_proj_bias`];
  const own = candidates.find((candidate) => candidate !== undefined && lost.has(candidate));
  const weight = factsOf(inputs[1]);
  const size = own === undefined ? undefined : outputSize(operator, weight?.shape);
  return own === undefined || size === undefined
    ? undefined
    : { name: own, role: 'parameter', dtype: weight?.dtype, shape: [size] };
}

/** Channels or features an operator with this weight gives. */
function outputSize({ type, attributes }: Operator, shape: Tensor['shape']): number | undefined {
  const attribute = (key: string): number | undefined => {
    const value = attributes.get(key);
    return value?.kind === 'int' ? value.value : undefined;
  };
  const axis =
    type === 'ConvTranspose' ||
    type === 'MatMul' ||
    ((type === 'Gemm' || type === 'linear') && !attribute('transB'))
      ? 1
      : 0;
  const size = shape?.[axis];
  if (typeof size !== 'number') return undefined;
  return type === 'ConvTranspose' ? size * (attribute('group') ?? 1) : size;
}
