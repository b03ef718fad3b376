import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { LayerRow } from '../../planner-core/session/types';
import { el } from '../base/dom';
import type { MeasuredModel } from '../state/measured';
import { measuredRatio } from '../ui/measuredText';
import { counted } from '../ui/names';
import { facts } from './facts';
import { t } from '../base/l10n';

/** What was measured of a layer, beside what is predicted of it; nothing where nothing was. */
export function measuredLayerBlock(measured: MeasuredModel | undefined, row: LayerRow): HTMLElement[] {
  const layer = measured?.layers[row.id];
  if (!layer) return [];
  const { forwardMs, backwardMs, predictedMs, heldBytes, predictedBytes, ownShare } = layer;
  const rows = facts([
    [t('forward'), timeOf(forwardMs)],
    [t('backward'), timeOf(backwardMs)],
    [
      t('against predicted'),
      measuredRatio(layer) && t('{0} of {1}', measuredRatio(layer), formatDuration(predictedMs)),
    ],
    [t('allocated and held'), Number.isNaN(heldBytes) ? '' : formatMemory(heldBytes)],
    [t('predicted to make'), Number.isNaN(heldBytes) ? '' : formatMemory(predictedBytes)],
  ]);
  if (rows.childElementCount === 0) return [];
  return [el('h3', {}, t('Measured')), rows, ...shareNote(row, ownShare)];
}

function shareNote({ kind }: LayerRow, ownShare: number): HTMLElement[] {
  if (ownShare === 1) return [];
  const text =
    kind === 'module'
      ? t(
          '{0} % of its computations were measured; the others are left out, or have the time of an equal one.',
          Math.floor(100 * ownShare),
        )
      : t('Not all of it was measured, or the time is that of an equal computation.');
  return [el('p', { class: 'muted' }, text)];
}

/** Which files were measured, how much of them fits, and the peak. */
export function measuredRunBlock(measured: MeasuredModel | undefined): HTMLElement[] {
  if (!measured) return [];
  const { files, match, memory } = measured.run;
  const others = match.otherCalls.slice(0, 3).map(({ name, count }) => `${name} (${count})`);
  return [
    el('h3', {}, t('Measured run')),
    facts([
      [t('files'), files.map(({ name }) => name).join(', ')],
      [t('layers'), match.steps > 0 ? t('{0} of {1}', match.matchedNodes, match.nodes) : ''],
      [t('calls matched'), match.steps > 0 ? t('{0} of {1}', match.matchedCalls, match.calls) : ''],
      [
        t('of the time'),
        match.steps > 0
          ? t('{0} % in {1}', Math.floor(100 * match.timeShare), counted(match.steps, 'step'))
          : '',
      ],
      [t('of no layer'), others.join(', ')],
      [t('peak'), memory ? t('{0} on {1}', formatMemory(memory.peakBytes), memory.device) : ''],
      [t('above the start'), memory ? formatMemory(memory.peakBytes - memory.startBytes) : ''],
      [t('reserved'), memory?.reservedBytes ? formatMemory(memory.reservedBytes) : ''],
    ]),
  ];
}

const timeOf = (ms: number): string => (Number.isNaN(ms) ? '' : formatDuration(ms));
