import type { StepModel } from '../state/view';
import { boxesOf, defaultOpen, shownAncestor, type Boxes } from './boxes';
import { dataFlow } from './dataFlow';
import { graphLayouter, type GraphLayout } from './layout';

/** The graph of one step: built when it is first looked at. */
export interface GraphModel {
  readonly boxes: Boxes;
  readonly defaultOpen: ReadonlySet<number>;
  layout(open: ReadonlySet<number>): GraphLayout;
}

export function graphModel({ view, tree }: StepModel): GraphModel {
  const boxes = boxesOf(tree);
  return {
    boxes,
    defaultOpen: defaultOpen(boxes),
    layout: graphLayouter(boxes, dataFlow(view.step, tree, boxes)),
  };
}

/** Open boxes by key; keys of boxes that are no longer there are left out. */
export function openBoxes({ boxes, defaultOpen: initial }: GraphModel, keys: readonly string[] | undefined) {
  if (!keys) return initial;
  return new Set([0, ...keys.flatMap((key) => boxes.byKey.get(key) ?? [])]);
}

/** The box to be seen that holds a row of the layer tree; -1 for rows that are not drawn. */
export function shownBoxOfRow({ boxes }: GraphModel, open: ReadonlySet<number>, row: number): number {
  const box = boxes.ofRow[row] ?? -1;
  return box < 0 ? -1 : shownAncestor(boxes.all, open, box);
}
