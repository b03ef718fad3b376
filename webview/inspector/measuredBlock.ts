import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { LayerRow } from '../../planner-core/session/types';
import { el } from '../base/dom';
import type { MeasuredModel } from '../state/measured';
import { measuredRatio } from '../ui/measuredText';
import { counted } from '../ui/names';
import { facts } from './facts';

/** What was measured of a layer, beside what is predicted of it; nothing where nothing was. */
export function measuredLayerBlock(measured: MeasuredModel | undefined, row: LayerRow): HTMLElement[] {
  const layer = measured?.layers[row.id];
  if (!layer) return [];
  const { forwardMs, backwardMs, predictedMs, heldBytes, predictedBytes, ownShare } = layer;
  const rows = facts([
    ['forward', timeOf(forwardMs)],
    ['backward', timeOf(backwardMs)],
    [
      'against predicted',
      measuredRatio(layer) && `${measuredRatio(layer)} of ${formatDuration(predictedMs)}`,
    ],
    ['allocated and held', Number.isNaN(heldBytes) ? '' : formatMemory(heldBytes)],
    ['predicted to make', Number.isNaN(heldBytes) ? '' : formatMemory(predictedBytes)],
  ]);
  if (rows.childElementCount === 0) return [];
  return [el('h3', {}, 'Measured'), rows, ...shareNote(row, ownShare)];
}

function shareNote({ kind }: LayerRow, ownShare: number): HTMLElement[] {
  if (ownShare === 1) return [];
  const text =
    kind === 'module'
      ? `${Math.floor(100 * ownShare)} % of its computations were measured; the others are left out, or have the time of an equal one.`
      : 'Not all of it was measured, or the time is that of an equal computation.';
  return [el('p', { class: 'muted' }, text)];
}

/** Which files were measured, how much of them fits, and the peak. */
export function measuredRunBlock(measured: MeasuredModel | undefined): HTMLElement[] {
  if (!measured) return [];
  const { files, match, memory } = measured.run;
  const others = match.otherCalls.slice(0, 3).map(({ name, count }) => `${name} (${count})`);
  return [
    el('h3', {}, 'Measured run'),
    facts([
      ['files', files.map(({ name }) => name).join(', ')],
      ['layers', match.steps > 0 ? `${match.matchedNodes} of ${match.nodes}` : ''],
      ['calls matched', match.steps > 0 ? `${match.matchedCalls} of ${match.calls}` : ''],
      [
        'of the time',
        match.steps > 0 ? `${Math.floor(100 * match.timeShare)} % in ${counted(match.steps, 'step')}` : '',
      ],
      ['of no layer', others.join(', ')],
      ['peak', memory ? `${formatMemory(memory.peakBytes)} on ${memory.device}` : ''],
      ['above the start', memory ? formatMemory(memory.peakBytes - memory.startBytes) : ''],
      ['reserved', memory?.reservedBytes ? formatMemory(memory.reservedBytes) : ''],
    ]),
  ];
}

const timeOf = (ms: number): string => (Number.isNaN(ms) ? '' : formatDuration(ms));
