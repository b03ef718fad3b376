import { HeadroomError } from '../base/errors';
import type { LayerIndex } from '../plan/layerIndex';
import type { Decision } from '../plan/plan';

/**
 * Decisions for a checkpoint rule of the command line: `none`, `every-block`, `every-2nd-block` (blocks 0, 2, 4, ...),
 * `first-half`, or a list of module names. Throws 'unknown-module' when the model has no blocks to apply a rule to.
 */
export function checkpointDecisions(layers: LayerIndex, rule: string): Decision[] {
  const blocks = layers.blocks.map((id) => layers.layers[id].name);
  const wrap = (names: readonly string[]): Decision[] =>
    names.map((target) => ({ target, kind: 'module', choice: 'recompute', pinned: true }));
  const chosen = blocksOfRule(blocks, rule);
  if (!chosen) return wrap(rule.split(',').map((name) => name.trim()));
  if (rule !== 'none' && blocks.length === 0) {
    throw new HeadroomError(
      'unknown-module',
      'This model has no repeated blocks to checkpoint.',
      'Name the modules instead: --checkpoint MODULE,MODULE.',
    );
  }
  return wrap(chosen);
}

function blocksOfRule(blocks: readonly string[], rule: string): readonly string[] | undefined {
  switch (rule) {
    case 'none':
      return [];
    case 'every-block':
      return blocks;
    case 'every-2nd-block':
      return blocks.filter((_, index) => index % 2 === 0);
    case 'first-half':
      return blocks.slice(0, Math.floor(blocks.length / 2));
    default:
      return undefined;
  }
}
