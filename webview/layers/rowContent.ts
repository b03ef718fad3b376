import type { Choice } from '../../planner-core/plan/plan';
import { frozenBy, isFreezable } from '../state/frozen';
import { rowKey } from '../state/layerTree';
import { callOf } from '../state/recognised';
import type { StepModel, View } from '../state/view';
import { reasonAgainst } from './choiceRules';
import type { RowDecision } from './effectiveChoice';
import type { LayerDifferences } from './layerDifferences';
import type { SwapCost } from './swapCosts';
import { priceOf } from '../ui/pinPriceText';
import type { RowContent } from './rowView';

/** The table before it is drawn. */
export interface Table {
  readonly step: StepModel;
  /** Rows from top to bottom, and their keys. */
  readonly rows: readonly number[];
  readonly keys: readonly string[];
  readonly expanded: ReadonlySet<string>;
  /** By row of the tree: 1 where the filter lets it through; absent without a filter. */
  readonly wanted?: Uint8Array;
  /** By row of the tree. */
  readonly decisions: readonly RowDecision[];
  /** By row of the tree: what it shares a device with, in words. */
  readonly together: readonly (string | undefined)[];
  /** By row of the tree: the devices it can run on, where that is not all of them. */
  readonly runsOn: readonly (readonly string[] | undefined)[];
  /** By row of the tree: 1 where a module that can be wrapped in a checkpoint is inside. */
  readonly holdsCheckpointable: Uint8Array;
  /** Where a plan that this one is compared with decides otherwise. */
  readonly differences?: LayerDifferences;
  /** By row of the tree: what recomputing and offloading it costs; absent where nothing may leave the device. */
  readonly swaps?: readonly (SwapCost | undefined)[];
}

/** What says which rows there are inside of others. */
interface Opening extends Pick<Table, 'wanted'> {
  readonly step: Pick<StepModel, 'tree'>;
}

/** Are there rows to show inside of a row of the tree? */
export const opens = ({ step: { tree }, wanted }: Opening, row: number): boolean =>
  tree.children[row].some((child) => !wanted || wanted[child] === 1);

/**
 * What the row at each position shows. Bars of modules are shares of the model, bars of operators shares of the largest
 * operator: one scale for both would leave operators without a visible bar.
 */
export function rowContents(
  table: Table,
  { ui, inputs, host, devices, measured }: View,
): (position: number) => RowContent {
  const { tree } = table.step;
  const selected = new Set(ui.selected);
  const active = ui.selected.at(-1);
  const hoveredRow = ui.hoverNode === undefined ? -1 : tree.rowOfNode[ui.hoverNode];
  return (position) => {
    const row = tree.layers[table.rows[position]];
    const key = rowKey(row);
    const isModule = row.kind === 'module';
    const mostBytes = isModule ? tree.totalSavedBytes : tree.largestOperatorSavedBytes;
    const mostMs = isModule ? tree.totalMs : tree.largestOperatorMs;
    const reason = (choice: Choice): string | undefined =>
      reasonAgainst(row, choice, inputs.strategy, table.holdsCheckpointable[row.id] === 1);
    return {
      row,
      call: callOf(table.step.recognitions, row),
      freezable: inputs.workload.mode === 'training' && isFreezable(row),
      frozenBy: frozenBy(row.name, inputs.workload.frozen),
      position,
      depth: tree.depth[row.id],
      expanded: opens(table, row.id) ? table.expanded.has(key) : undefined,
      selected: selected.has(key),
      active: active === key,
      hovered: row.id === hoveredRow,
      decision: table.decisions[row.id],
      other: table.differences?.others[row.id],
      otherName: table.differences?.name ?? '',
      pinPrice: priceOf(host.pinPrices, row),
      keptShare: mostBytes > 0 ? row.savedBytes / mostBytes : 0,
      forwardShare: mostMs > 0 ? row.forwardMs / mostMs : 0,
      backwardShare: mostMs > 0 ? row.backwardMs / mostMs : 0,
      devices,
      measured: measured?.layers[row.id],
      swap: table.swaps?.[row.id],
      together: table.together[row.id],
      runsOn: table.runsOn[row.id],
      blocked: { keep: reason('keep'), recompute: reason('recompute'), offload: reason('offload') },
    };
  };
}
