import { parentName } from '../../graph/moduleTree';
import type { Recognition } from '../recognise';
import { GraphEdit, type Restoration } from './restoration';

const name = 'lost-buffers';

/**
 * Rotary embeddings of transformers keep the frequencies they began with (`original_inv_freq`) beside those in use;
 * nothing reads them, so the file has no trace but the program's list. They are as large as the others.
 */
export const restoreLostBuffers: Restoration = ({ graph }, off) => {
  if (off.has(name) || !graph.declared) return { graph, recognitions: [] };
  const edit = new GraphEdit(graph);
  const recognitions: Recognition[] = [];
  const present = new Set(graph.tensors.map((tensor) => tensor.name));
  for (const [buffer, kind] of graph.declared) {
    const module = parentName(buffer);
    const last = buffer.slice(module === '' ? 0 : module.length + 1);
    if (kind !== 'buffer' || present.has(buffer) || !last.startsWith('original_')) continue;
    const reader = graph.operators.find(
      ({ module: id, inputs }) =>
        graph.modules[id].name === module && inputs.some((input) => graph.tensors[input]?.role === 'buffer'),
    );
    const used = reader?.inputs.find((input) => graph.tensors[input]?.role === 'buffer');
    if (used === undefined) continue;
    edit.tensor({ ...graph.tensors[used], name: buffer, elements: undefined, external: undefined });
    recognitions.push({
      pattern: name,
      readAs: `buffer ${buffer}`,
      operator: reader!.name,
      pieces: [reader!.name],
      by: 'metadata',
    });
  }
  return { graph: edit.finish(graph.operators), recognitions };
};
