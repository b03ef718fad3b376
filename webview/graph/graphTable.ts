import { formatMemory } from '../../planner-core/base/format';
import { appendTo } from '../../planner-core/base/groups';
import { choiceNames, deviceLabel } from '../ui/names';
import type { Box } from './boxes';
import type { BoxWords } from './boxWords';
import type { Route } from './layout';
import { t } from '../base/l10n';

export const graphColumns = [
  t('Layer'),
  t('Type'),
  t('Kept for backward'),
  t('Choice'),
  t('Device'),
  t('Hands to'),
] as const;

/** One row a box that is drawn closed, with what it hands to the boxes beside it. */
export function graphRows(
  boxes: readonly Box[],
  wordsOf: (box: Box) => BoxWords,
  all: readonly Box[],
  routes: readonly Route[],
): string[][] {
  const targets = new Map<number, string[]>();
  for (const { flow } of routes) {
    const to = `${wordsOf(all[flow.to]).title} (${formatMemory(flow.bytes)})`;
    appendTo(targets, flow.from, to);
  }
  return boxes.map((box) => {
    const { title, type, keptBytes, choice, device } = wordsOf(box);
    const nested = '\u2003'.repeat(box.depth - 1);
    return [
      nested + title,
      type,
      formatMemory(keptBytes),
      choiceNames[choice],
      deviceLabel(device),
      (targets.get(box.id) ?? []).join(', '),
    ];
  });
}
