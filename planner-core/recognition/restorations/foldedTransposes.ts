import type { Operator, Shape, TensorId } from '../../graph/modelGraph';
import type { PatternContext } from '../pattern';
import type { Recognition } from '../recognise';
import { GraphEdit, type Restoration } from './restoration';

const name = 'folded-transposes';

/** What a tracing exporter calls a weight it has computed itself. */
const computedWeight = /^onnx::MatMul_\d+$/;

/**
 * torch.nn.functional.linear multiplies with the transpose of its weight; exporters that fold constants store that
 * transpose, once for every call. So a weight that an embedding shares has become two, and so has that of a module that
 * is called twice. A product that a module of one weight computes reads that weight.
 */
export const restoreFoldedTransposes: Restoration = (context, off) => {
  const { graph } = context;
  if (off.has(name)) return { graph, recognitions: [] };
  const edit = new GraphEdit(graph);
  const recognitions: Recognition[] = [];
  const named = new Map(
    graph.tensors.flatMap(({ name: stored, id, role }) =>
      role === 'parameter' ? [[stored, id] as const] : [],
    ),
  );
  const folded = new Map<string, TensorId>();
  const operators = graph.operators.flatMap((operator): Operator[] => {
    const owner = off.has(operator.name) ? undefined : ownerOfFolded(operator, context, named);
    if (owner === undefined) return [operator];
    const [x, copy] = operator.inputs;
    const stored = named.get(owner);
    const first = folded.get(owner);
    if (first === copy || (stored === undefined && first === undefined)) {
      folded.set(owner, copy);
      return [operator];
    }
    if (stored !== undefined && !isTransposed(context.factsOf(stored)?.shape, context.factsOf(copy)?.shape))
      return [operator];
    edit.retire(copy);
    recognitions.push({
      pattern: name,
      readAs: `the parameter ${owner}`,
      operator: operator.name,
      pieces: [operator.name],
      by: graph.declared ? 'metadata' : 'structure',
    });
    if (stored === undefined) return [{ ...operator, inputs: [x, first!] }];
    const transpose: Operator = {
      ...operator,
      name: `${operator.name} transpose`,
      type: 'Transpose',
      inputs: [stored],
      outputs: [copy],
      attributes: new Map([['perm', { kind: 'ints', value: [1, 0] }]]),
    };
    return [transpose, operator];
  });
  return { graph: edit.finish(operators), recognitions };
};

/** The name of the weight whose transpose a product reads, where its module has one and the file calls it otherwise. */
function ownerOfFolded(
  { type, inputs, module }: Operator,
  { graph, factsOf }: PatternContext,
  named: ReadonlyMap<string, TensorId>,
): string | undefined {
  const weight = graph.tensors[inputs[1] ?? -1];
  if (type !== 'MatMul' || weight?.role !== 'parameter' || factsOf(weight.id)?.shape?.length !== 2)
    return undefined;
  const owner = `${graph.modules[module].name}.weight`;
  const isFolded = graph.declared ? !graph.declared.has(weight.name) : computedWeight.test(weight.name);
  return isFolded && (named.has(owner) || graph.declared?.has(owner)) ? owner : undefined;
}

const isTransposed = (a: Shape | undefined, b: Shape | undefined): boolean =>
  a?.length === 2 && b?.length === 2 && a[0] === b[1] && a[1] === b[0];
