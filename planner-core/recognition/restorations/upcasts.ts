import type { AttributeValue, Operator, TensorId } from '../../graph/modelGraph';
import { GraphIndex } from '../graphIndex';
import { matchAt } from '../match';
import type { PatternContext } from '../pattern';
import type { Recognition } from '../recognise';
import { any, either, number, op, scalar } from '../template';
import { GraphEdit, type Restoration } from './restoration';

const name = 'upcasts';

const x = any('input');
const squares = op('Pow', x, number(2));
const deviation = op('Sqrt', op('Add', op('ReduceMean', squares), scalar('epsilon')));
const normalized = op('Mul', x, either(op('Reciprocal', deviation), op('Div', number(1), deviation)));
const softmax = op('Softmax', x);
/**
 * Tracing writes torch.softmax(x, dtype=torch.float32) as a softmax and a conversion of its result; the other exporter says
 * which type was asked for.
 */
const converted = op('Cast', softmax);

const toFloat: ReadonlyMap<string, AttributeValue> = new Map([['to', { kind: 'int', value: 1 }]]);

/**
 * Conversions to fp32 that do nothing where everything is fp32, so that an export shows them elsewhere or not at all; under
 * autocast they are copies. The root mean square norms of transformers convert their input and, unless they scale by
 * 1 + weight as Gemma's do, convert back before they scale (LlamaRMSNorm, GemmaRMSNorm).
 */
export const restoreUpcasts: Restoration = (context, off) => {
  const { graph } = context;
  if (off.has(name)) return { graph, recognitions: [] };
  const index = new GraphIndex(graph);
  const edit = new GraphEdit(graph);
  const recognitions: Recognition[] = [];
  const replaced = new Map<Operator, readonly Operator[]>();
  graph.operators.forEach((operator, at) => {
    if (off.has(operator.name)) return;
    const norm = graph.declared && operator.type === 'Mul' ? matchAt(index, normalized, at) : undefined;
    const isAsked = operator.type === 'Softmax' && operator.source?.dtype === 'float32';
    const probabilities =
      isAsked || operator.type === 'Cast' ? matchAt(index, isAsked ? softmax : converted, at) : undefined;
    const source = (norm ?? probabilities)?.tensor(x);
    if (source === undefined || !isSinglePrecision(context, source)) return;
    if (context.producerOf(source)?.type === 'Cast') return;
    const raised = like(edit, context, source, 'in fp32');
    const cast = (before: Operator): Operator => ({
      ...before,
      name: `${before.name} in fp32`,
      type: 'Cast',
      inputs: [source],
      outputs: [raised],
      attributes: toFloat,
    });
    if (probabilities) {
      const inner = probabilities.operator(softmax)!;
      replaced.set(operator, []);
      replaced.set(inner, [cast(inner), { ...inner, inputs: [raised], outputs: operator.outputs }]);
    } else {
      const pow = norm!.operator(squares)!;
      replaced.set(pow, [cast(pow), reading(pow, source, raised)]);
      const back = scalesByWeight(context, operator)
        ? like(edit, context, operator.outputs[0], 'in fp32')
        : undefined;
      const product = reading(operator, source, raised);
      replaced.set(
        operator,
        back === undefined ? [product] : [{ ...product, outputs: [back] }, backIn(operator, back, source)],
      );
    }
    recognitions.push({
      pattern: name,
      readAs: norm ? 'normalization in fp32' : 'softmax(dtype=torch.float32)',
      operator: operator.name,
      pieces: [operator.name],
      by: 'structure',
    });
  });
  const operators = graph.operators.flatMap((operator) => replaced.get(operator) ?? [operator]);
  return { graph: edit.finish(operators), recognitions };
};

const isSinglePrecision = ({ factsOf }: PatternContext, id: TensorId): boolean =>
  factsOf(id)?.dtype === 'float32';

const like = (
  edit: GraphEdit,
  { graph, factsOf }: PatternContext,
  id: TensorId,
  suffix: string,
): TensorId => {
  const { dtype, shape } = factsOf(id) ?? {};
  return edit.tensor({ name: `${graph.tensors[id].name} ${suffix}`, role: 'activation', dtype, shape });
};

const reading = (operator: Operator, from: TensorId, to: TensorId): Operator => ({
  ...operator,
  inputs: operator.inputs.map((id) => (id === from ? to : id)),
});

const backIn = (operator: Operator, result: TensorId, source: TensorId): Operator => ({
  ...operator,
  name: `${operator.name} in the type of its input`,
  type: 'CastLike',
  inputs: [result, source],
  attributes: new Map(),
});

/** Whether what a norm gives is scaled by a parameter as it is, rather than by one that was computed from it. */
function scalesByWeight({ graph }: PatternContext, { outputs }: Operator): boolean {
  const scaling = graph.operators.find(({ inputs }) => inputs.includes(outputs[0]));
  const factor = scaling?.inputs.find((id) => id !== outputs[0]) ?? -1;
  return scaling?.type === 'Mul' && graph.declared?.get(graph.tensors[factor]?.name ?? '') === 'parameter';
}
