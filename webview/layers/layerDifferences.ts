import { effectiveChoices, type RowDecision } from './effectiveChoice';
import type { OtherPlan } from '../state/comparedWith';
import type { LayerTree } from '../state/layerTree';

/** Where two plans of a step decide otherwise. */
export interface LayerDifferences {
  /** What the other plan is called. */
  readonly name: string;
  /** By row of the tree: what the other plan does, where that is not what the plan on screen does. */
  readonly others: readonly (RowDecision | undefined)[];
  /**
   * By row of the tree: 1 where both plans decide the row as a whole, and otherwise. What is inside such a module follows from
   * it and is not marked.
   */
  readonly changed: Uint8Array;
}

/** Holds the decisions for the rows under the plan on screen against those under another one, in O(rows + nodes). */
export function layerDifferences(
  tree: LayerTree,
  own: readonly RowDecision[],
  { label, evaluation, decisions }: OtherPlan,
): LayerDifferences {
  const other = effectiveChoices(evaluation.step, tree, evaluation.directives, decisions, []);
  const others = tree.layers.map(({ id }) => (isSame(own[id], other[id]) ? undefined : other[id]));
  const changed = new Uint8Array(tree.layers.length);
  const follows = new Uint8Array(tree.layers.length);
  // Parents come before their children.
  for (const { id, parent } of tree.layers) {
    follows[id] = parent >= 0 && (changed[parent] || follows[parent]) ? 1 : 0;
    if (!follows[id] && others[id] && isWhole(own[id]) && isWhole(other[id])) changed[id] = 1;
  }
  return { name: label, others, changed };
}

const isSame = (one: RowDecision, other: RowDecision): boolean =>
  one.choice === other.choice && one.device === other.device;

/** Is it the same for all that is inside? */
const isWhole = ({ choice, device }: RowDecision): boolean => choice !== 'mixed' && device !== 'several';
