import { parentName } from '../../graph/moduleTree';
import type { ModelGraph, Operator, TensorId } from '../../graph/modelGraph';
import type { Recognition } from '../recognise';
import { GraphEdit, type Restoration } from './restoration';

const name = 'lost-buffers';

/**
 * Buffers a file has no tensor of its own for: those that nothing reads, and running statistics of untrained batch norms,
 * whose zeros and ones are stored once together with biases and weights.
 */
export const restoreLostBuffers: Restoration = ({ graph }, off) => {
  if (off.has(name) || !graph.declared) return { graph, recognitions: [] };
  const edit = new GraphEdit(graph);
  const recognitions: Recognition[] = [];
  const lost = lostNames(graph);
  const restored = (buffer: string, reader: Operator): void => {
    recognitions.push({
      pattern: name,
      readAs: `buffer ${buffer}`,
      operator: reader.name,
      pieces: [reader.name],
      by: 'metadata',
    });
  };
  const own = (buffer: string, like: TensorId): TensorId =>
    edit.tensor({
      ...graph.tensors[like],
      role: 'buffer',
      name: buffer,
      elements: undefined,
      external: undefined,
    });
  for (const { buffer, like, reader } of unreadFrequencies(graph, lost)) {
    own(buffer, like);
    restored(buffer, reader);
  }
  const operators = graph.operators.map((operator) => {
    if (operator.type !== 'BatchNormalization') return operator;
    const inputs = [...operator.inputs];
    statistics.forEach((last, position) => {
      const buffer = `${graph.modules[operator.module].name}.${last}`;
      const given = inputs[firstStatistic + position] ?? -1;
      if (given < 0 || !lost.has(buffer)) return;
      inputs[firstStatistic + position] = own(buffer, given);
      restored(buffer, operator);
    });
    return { ...operator, inputs };
  });
  return { graph: edit.finish(operators), recognitions };
};

/** Inputs of BatchNormalization, from `firstStatistic` on. */
const statistics = ['running_mean', 'running_var'];
const firstStatistic = 3;

/** Buffers the program has and the file does not. */
function lostNames(graph: ModelGraph): Set<string> {
  const present = new Set(graph.tensors.map((tensor) => tensor.name));
  const lost = new Set<string>();
  for (const [buffer, kind] of graph.declared ?? [])
    if (kind === 'buffer' && !present.has(buffer)) lost.add(buffer);
  return lost;
}

/**
 * Rotary embeddings of transformers keep the frequencies they began with (`original_inv_freq`) beside those in use, as
 * large as them; nothing reads them, so the file has no trace but the program's list.
 */
function unreadFrequencies(
  graph: ModelGraph,
  lost: ReadonlySet<string>,
): { buffer: string; like: TensorId; reader: Operator }[] {
  return [...lost].flatMap((buffer) => {
    const module = parentName(buffer);
    const last = buffer.slice(module === '' ? 0 : module.length + 1);
    if (!last.startsWith('original_')) return [];
    const isBuffer = (input: TensorId): boolean => graph.tensors[input]?.role === 'buffer';
    const reader = graph.operators.find(
      ({ module: id, inputs }) => graph.modules[id].name === module && inputs.some(isBuffer),
    );
    return reader ? [{ buffer, like: reader.inputs.find(isBuffer)!, reader }] : [];
  });
}
