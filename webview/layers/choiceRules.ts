import type { Choice, Decision, Strategy } from '../../planner-core/plan/plan';
import type { LayerRow } from '../../planner-core/session/types';
import type { LayerTree } from '../state/layerTree';
import { t } from '../base/l10n';

/** By row: does it hold a module that can be wrapped in a checkpoint (itself counts)? */
export function holdsCheckpointable({ layers }: LayerTree): Uint8Array {
  const holds = new Uint8Array(layers.length);
  for (let id = layers.length - 1; id >= 0; id--) {
    if (layers[id].checkpointable) holds[id] = 1;
    if (holds[id] && layers[id].parent >= 0) holds[layers[id].parent] = 1;
  }
  return holds;
}

/**
 * The row that choices about a row are made for: of an operator, where whole modules are checkpointed, the module around
 * it that was decided about, else the innermost that can be wrapped; the row itself where there is none.
 */
export function decidedRow(
  { layers }: Pick<LayerTree, 'layers'>,
  row: LayerRow,
  strategy: Strategy,
  decisions: readonly Decision[],
): LayerRow {
  if (strategy !== 'module-checkpoint' || row.kind === 'module') return row;
  const around: LayerRow[] = [];
  for (let id = row.parent; id >= 0; id = layers[id].parent) around.push(layers[id]);
  const isDecided = ({ name, kind }: LayerRow): boolean =>
    decisions.some((decision) => decision.choice && decision.kind === kind && decision.target === name);
  return around.find(isDecided) ?? around.find(({ checkpointable }) => checkpointable) ?? row;
}

/** Why a choice cannot be made for a row; undefined when it can. */
export function reasonAgainst(
  row: LayerRow,
  choice: Choice,
  strategy: Strategy,
  holdsCheckpoint: boolean,
): string | undefined {
  if (strategy !== 'module-checkpoint') return undefined;
  if (row.kind === 'operator') {
    return t(
      'Whole modules are checkpointed: choose for the module, or take the strategy "selective" to choose for operators',
    );
  }
  if (choice === 'recompute' && !holdsCheckpoint) {
    return t('Neither this module nor one inside it can be wrapped in a checkpoint');
  }
  return undefined;
}
