import { parentName } from '../../graph/moduleTree';
import type { ModelGraph, ModuleId, Operator, Tensor, TensorId } from '../../graph/modelGraph';
import type { Recognition } from '../recognise';
import { GraphEdit, type Restoration } from './restoration';

const name = 'batch-norm';

/** What a tracing exporter calls a weight it has computed itself. */
const computedWeight = /^onnx::Conv_\d+$/;

/**
 * Exporting for evaluation folds a batch norm into the convolution before it; the program has both, and training keeps
 * the convolution's result for the norm. Which convolutions had one shows in the node's scope (torch.export: that of
 * the norm) or in the names of weight and bias (tracing: both computed).
 */
export const restoreFoldedBatchNorm: Restoration = ({ graph, factsOf }, off) => {
  if (off.has(name)) return { graph, recognitions: [] };
  const edit = new GraphEdit(graph);
  const recognitions: Recognition[] = [];
  const moduleOf = new Map(graph.modules.map((module): [string, ModuleId] => [module.name, module.id]));
  const present = new Set(graph.tensors.map((tensor) => tensor.name));
  const operators = graph.operators.flatMap((operator) => {
    const norm = foldedNorm(operator, graph, present);
    const channels = norm && factsOf(operator.outputs[0])?.shape?.[1];
    if (!norm || typeof channels !== 'number' || off.has(operator.name)) return [operator];
    const { by, normModule, convolutionModule, keepsBias } = norm;
    const result = operator.outputs[0];
    const facts = factsOf(result);
    const before = edit.tensor({
      name: `${graph.tensors[result].name} before batch norm`,
      role: 'activation',
      dtype: facts?.dtype,
      shape: facts?.shape,
    });
    // The bias in the file is the norm's shift, folded: no tensor of the program.
    const bias = operator.inputs[2] ?? -1;
    if (!keepsBias && bias >= 0) edit.retire(bias);
    const vector = (last: string, role: Tensor['role']): TensorId =>
      edit.tensor({ name: `${normModule}.${last}`, role, dtype: 'float32', shape: [channels] });
    const convolution: Operator = {
      ...operator,
      name: `${operator.name} before batch norm`,
      module: moduleOf.get(convolutionModule) ?? operator.module,
      inputs: keepsBias ? operator.inputs : operator.inputs.slice(0, 2),
      outputs: [before],
    };
    const batchNorm: Operator = {
      ...operator,
      type: 'BatchNormalization',
      inputs: [
        before,
        vector('weight', 'parameter'),
        vector('bias', 'parameter'),
        vector('running_mean', 'buffer'),
        vector('running_var', 'buffer'),
      ],
      attributes: new Map(),
    };
    recognitions.push({
      pattern: name,
      readAs: `batch norm ${normModule} after its convolution`,
      operator: operator.name,
      pieces: [operator.name],
      by,
    });
    return [convolution, batchNorm];
  });
  return { graph: edit.finish(operators), recognitions };
};

interface FoldedNorm {
  readonly by: Recognition['by'];
  readonly normModule: string;
  readonly convolutionModule: string;
  /** The convolution had a bias of its own. */
  readonly keepsBias: boolean;
}

function foldedNorm(
  operator: Operator,
  graph: ModelGraph,
  present: ReadonlySet<string>,
): FoldedNorm | undefined {
  if (operator.type !== 'Conv' && operator.type !== 'ConvTranspose') return undefined;
  const [weight, bias] = [1, 2].map((index) => graph.tensors[operator.inputs[index] ?? -1]?.name);
  if (weight === undefined) return undefined;
  const module = graph.modules[operator.module].name;
  if (graph.declared) {
    const isLost = graph.declared.has(`${module}.running_mean`) && !present.has(`${module}.running_mean`);
    const convolutionModule = parentName(weight);
    return isLost
      ? {
          by: 'metadata',
          normModule: module,
          convolutionModule,
          keepsBias: graph.declared.has(`${convolutionModule}.bias`),
        }
      : undefined;
  }
  const isFolded = computedWeight.test(weight) && bias !== undefined && computedWeight.test(bias);
  return isFolded
    ? { by: 'structure', normModule: `${module} batch norm`, convolutionModule: module, keepsBias: false }
    : undefined;
}
