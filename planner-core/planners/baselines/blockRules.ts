import type { PlanningContext } from '../context';
import type { Baseline } from './baseline';

/** Ids of the modules a rule wraps, given the natural blocks in order and the largest modules outside of them. */
type Wrapped = (blocks: readonly number[], others: readonly number[]) => readonly number[];

const everyKth =
  (k: number): Wrapped =>
  (blocks) =>
    blocks.filter((_, index) => index % k === 0);

function blockRule(name: string, description: string, modules: Wrapped): Baseline {
  return {
    name,
    family: 'modules',
    strategies: ['module-checkpoint', 'selective'],
    description,
    plan(context, strategy) {
      const { layers } = context.problem.layers;
      const chosen = modules(context.problem.layers.blocks, modulesOutsideBlocks(context));
      return context.plannedFromDecisions(
        name,
        chosen.map((id) => ({ target: layers[id].name, kind: 'module', choice: 'recompute' })),
        strategy,
      );
    },
  };
}

/** The largest modules that can be wrapped, outside of the blocks. */
function modulesOutsideBlocks({ problem }: PlanningContext): number[] {
  const { layers, blocks } = problem.layers;
  const inBlock = new Uint8Array(layers.length);
  for (const block of blocks) inBlock[block] = 1;
  for (const { id, parent } of layers) if (id > 0 && inBlock[parent]) inBlock[id] = 1;
  const holdsBlock = new Uint8Array(layers.length);
  for (const block of blocks)
    for (let id = layers[block].parent; id > 0; id = layers[id].parent) holdsBlock[id] = 1;
  const others: number[] = [];
  const taken = new Uint8Array(layers.length);
  for (const { id, parent, checkpointable } of layers) {
    if (id === 0) continue;
    if (taken[parent]) taken[id] = 1;
    else if (checkpointable && !inBlock[id] && !holdsBlock[id]) {
      taken[id] = 1;
      others.push(id);
    }
  }
  return others;
}

/** What people wrap by hand or by a switch, from nothing to everything. */
export const keepAll: Baseline = {
  ...blockRule('keep all', 'Nothing runs again: PyTorch without checkpoints.', () => []),
  strategies: [],
};

export const blockRules: readonly Baseline[] = [
  blockRule(
    'every block',
    'A checkpoint around every block, as gradient_checkpointing of Hugging Face Transformers and torchtitan’s “full” do.',
    everyKth(1),
  ),
  ...[2, 3, 4].map((k) =>
    blockRule(
      `every ${k}${k === 2 ? 'nd' : k === 3 ? 'rd' : 'th'} block`,
      `A checkpoint around one block in ${k}, from the first on: torchtitan’s selective activation checkpointing by layer.`,
      everyKth(k),
    ),
  ),
  blockRule('first half', 'A checkpoint around each block of the first half of the model.', (blocks) =>
    blocks.slice(0, Math.floor(blocks.length / 2)),
  ),
  // Chen et al., "Training Deep Nets with Sublinear Memory Cost" (2016), at block granularity: keep √n of n blocks.
  blockRule(
    '√n',
    'Chen et al. 2016 at the size of blocks: of n blocks, √n keep all they make, the others are checkpointed.',
    (blocks) => {
      const stride = Math.max(1, Math.round(Math.sqrt(blocks.length)));
      return blocks.filter((_, index) => (index + 1) % stride !== 0);
    },
  ),
  blockRule(
    'recompute all',
    'A checkpoint around every block and around the largest modules outside of them.',
    (blocks, others) => [...blocks, ...others],
  ),
];
