import { formatMemory } from '../../planner-core/base/format';
import type { RowDecision } from '../layers/effectiveChoice';
import { displayLabel, type LayerTree } from '../state/layerTree';
import type { GraphColour } from '../state/uiState';
import { choiceNames, counted, deviceLabel } from '../ui/names';
import type { Box } from './boxes';
import { t } from '../base/l10n';

/** What a box says, and what its colour stands for. */
export interface BoxWords {
  readonly title: string;
  readonly type: string;
  readonly keptBytes: number;
  /** Of everything the model keeps, 0..1. */
  readonly keptShare: number;
  readonly choice: RowDecision['choice'];
  readonly device: string;
  readonly isPinned: boolean;
}

export function boxWords(tree: LayerTree, decisions: readonly RowDecision[], box: Box): BoxWords {
  const rows = box.rows.map((row) => tree.layers[row]);
  const keptBytes = rows.reduce((sum, { savedBytes }) => sum + savedBytes, 0);
  const same = <T>(of: (decision: RowDecision) => T, otherwise: T): T => {
    // Rows that keep nothing have no choice to differ in.
    const keeping = box.rows.filter((row) => tree.layers[row].savedBytes > 0);
    const values = new Set((keeping.length > 0 ? keeping : box.rows).map((row) => of(decisions[row])));
    const [first] = values;
    return values.size === 1 ? first : otherwise;
  };
  const [first] = rows;
  return {
    title: box.isGroup
      ? `${displayLabel(first)} … ${displayLabel(rows[rows.length - 1])}`
      : displayLabel(first),
    type: box.isGroup ? counted(rows.length, 'layer') : first.type,
    keptBytes,
    keptShare: tree.totalSavedBytes > 0 ? keptBytes / tree.totalSavedBytes : 0,
    choice: same(({ choice }) => choice, 'mixed'),
    device: same(({ device }) => device, 'several'),
    isPinned: box.rows.some((row) => decisions[row].pinned || decisions[row].pinnedDevice !== undefined),
  };
}

const kept = (bytes: number): string => (bytes > 0 ? formatMemory(bytes) : t('keeps nothing'));

/** The second line of a box: what its colour says, in words too. */
export function boxNote(
  { choice, device, keptBytes, keptShare, isPinned }: BoxWords,
  colour: GraphColour,
): string {
  const pin = isPinned ? '● ' : '';
  if (colour === 'device') return `${pin}${deviceLabel(device)} · ${kept(keptBytes)}`;
  if (colour === 'memory') return keptBytes > 0 ? `${kept(keptBytes)} · ${percent(keptShare)}` : kept(0);
  return keptBytes > 0 ? `${pin}${choiceNames[choice]} · ${kept(keptBytes)}` : `${pin}${kept(0)}`;
}

const percent = (share: number): string => {
  const percents = share * 100;
  return `${percents >= 10 ? percents.toFixed(0) : percents.toFixed(1)} %`;
};

/** What assistive technology reads. */
export function boxText(words: BoxWords): string {
  const parts = [
    words.title,
    words.type,
    t('keeps {0}', formatMemory(words.keptBytes)),
    choiceNames[words.choice],
    deviceLabel(words.device),
  ];
  if (words.isPinned) parts.push(t('pinned'));
  return parts.filter((part) => part !== '').join(', ');
}
