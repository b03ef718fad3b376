import type { Workload } from '../../step/workload';
import type { StepState } from '../stepState';
import { workloadLever, type Lever } from './levers';

/** Training only the end of the model: the half of its blocks, or the last one, with what comes after. */
export function freezeLevers({ frozen }: Workload, { layers }: StepState): Lever[] {
  const { blocks } = layers;
  if (frozen.length > 0 || blocks.length < 2) return [];
  const counts = [...new Set([Math.floor(blocks.length / 2), blocks.length - 1])];
  return counts.flatMap((count) => {
    const names = modulesBefore(layers.layers[blocks[count]].forwardNodes[0], { layers });
    const note = 'With all that comes before them: their backward pass does not run.';
    const label = `Freeze the first ${count} of ${blocks.length} blocks`;
    return names.length > 0
      ? [workloadLever('frozen', String(count), { frozen: names }, label, note, 'training')]
      : [];
  });
}

/** The largest modules that have done all their work before a node runs, in execution order. */
function modulesBefore(node: number, { layers: { layers } }: Pick<StepState, 'layers'>): string[] {
  const isBefore = layers.map(
    ({ name, forwardNodes }) =>
      name !== '' && forwardNodes.length > 0 && forwardNodes[forwardNodes.length - 1] < node,
  );
  return layers.filter(({ id, parent }) => isBefore[id] && !isBefore[parent]).map(({ name }) => name);
}
