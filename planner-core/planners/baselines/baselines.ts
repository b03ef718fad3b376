import type { Decision, Strategy } from '../../plan/plan';
import type { PlanningContext } from '../context';
import type { PlannedDirectives } from '../problem';

/** A well-known rule for what to checkpoint: names of the modules it wraps, given the natural blocks in order. */
interface Baseline {
  readonly name: string;
  modules(blocks: readonly number[], checkpointable: readonly number[]): readonly number[];
}

const everyKth =
  (k: number): Baseline['modules'] =>
  (blocks) =>
    blocks.filter((_, index) => index % k === 0);

/** The rules people use today, from nothing to everything. */
const rules: readonly Baseline[] = [
  { name: 'keep all', modules: () => [] },
  { name: 'every block', modules: everyKth(1) },
  { name: 'every 2nd block', modules: everyKth(2) },
  { name: 'every 3rd block', modules: everyKth(3) },
  { name: 'every 4th block', modules: everyKth(4) },
  { name: 'first half', modules: (blocks) => blocks.slice(0, Math.floor(blocks.length / 2)) },
  // Chen et al., "Training Deep Nets with Sublinear Memory Cost" (2016), at block granularity: keep √n of n blocks.
  {
    name: '√n',
    modules: (blocks) => {
      const stride = Math.max(1, Math.round(Math.sqrt(blocks.length)));
      return blocks.filter((_, index) => (index + 1) % stride !== 0);
    },
  },
  {
    name: 'recompute all',
    modules: (blocks, checkpointable) => [...blocks, ...checkpointable],
  },
];

/** Names of the baselines, in the order they are drawn. */
export const baselineNames: readonly string[] = rules.map((rule) => rule.name);

/**
 * The plan of one baseline with the pins on top; undefined for an unknown name. As a selective plan the operators of
 * the same modules run again.
 */
export function baselinePlan(
  context: PlanningContext,
  name: string,
  strategy: Strategy = 'module-checkpoint',
): PlannedDirectives | undefined {
  const rule = rules.find((candidate) => candidate.name === name);
  if (!rule) return undefined;
  const { layers, blocks } = context.problem.layers;
  const inBlock = new Uint8Array(layers.length);
  for (const block of blocks) inBlock[block] = 1;
  for (const { id, parent } of layers) if (id > 0 && inBlock[parent]) inBlock[id] = 1;
  const holdsBlock = new Uint8Array(layers.length);
  for (const block of blocks)
    for (let id = layers[block].parent; id > 0; id = layers[id].parent) holdsBlock[id] = 1;
  // Outside of the blocks: the largest modules that can be wrapped.
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
  const decisions = rule
    .modules(blocks, others)
    .map((id): Decision => ({ target: layers[id].name, kind: 'module', choice: 'recompute' }));
  return context.plannedFromDecisions(name, decisions, strategy);
}
