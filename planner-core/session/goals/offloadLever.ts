import type { Edit } from '../../plan/planInputs';
import type { SizeLever } from './sizeLevers';
import type { PlanningQuestion } from './planningQuestion';
import { applyEdit } from '../../plan/planInputs';

/** What the first blocks keep for backward waits in host memory: as few of them as suffice. */
export function offloadLever(question: PlanningQuestion): SizeLever | undefined {
  const { workload, pins } = question.inputs;
  const { blocks, layers } = question.start.state.layers;
  const pinned = new Set(pins.map(({ target }) => target));
  const names = blocks.map((id) => layers[id].name).filter((name) => !pinned.has(name));
  if (workload.mode === 'inference' || names.length === 0) return undefined;
  const editOf = (count: number): Edit => ({
    kind: 'choice',
    targets: names.slice(0, count).map((target) => ({ target, kind: 'module' })),
    choice: 'offload',
  });
  return {
    family: 'offload',
    async find(base, fits, job) {
      // Every block more takes less memory: bisection suffices, and the caller judges what is found.
      let low = 0;
      let high = names.length;
      while (high - low > 1) {
        await job.checkpoint();
        const middle = (low + high) >> 1;
        if (await fits(applyEdit(base, editOf(middle)))) high = middle;
        else low = middle;
      }
      return {
        family: 'offload',
        id: 'offload',
        label: `Offload what ${high === 1 ? 'the first block keeps' : `the first ${high} of ${names.length} blocks keep`}`,
        note: 'To host memory and back.',
        effect: 'none',
        edits: [editOf(high)],
      };
    },
  };
}
