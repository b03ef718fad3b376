import { formatBandwidth, formatDuration, formatMemory } from '../../planner-core/base/format';
import type { SplitAnswer, SplitSegment, SplitView } from '../../planner-core/session/machines/splitModel';
import { el } from '../base/dom';
import { answerTable } from '../ui/answerTable';
import { t } from '../base/l10n';

/** The largest ones; the rest is counted. */
const shownTensors = 40;

export interface SegmentTable {
  readonly element: HTMLElement;
  /** Marks the split on screen; undefined: none of the table's. */
  mark(segment: SplitSegment | undefined): void;
}

/** The chart's numbers: every split with the bandwidths it is best at. Its first cell moves the slider there. */
export function segmentTable(
  { segments, between: [first, second] }: SplitAnswer,
  onChoose: (gbPerS: number) => void,
): SegmentTable {
  const rows = segments.map((segment) => {
    const { fromGbPerS, toGbPerS, slowMs, fastMs, split } = segment;
    const range = `${formatBandwidth(fromGbPerS)} – ${formatBandwidth(toGbPerS)}`;
    const go = el('button', { class: 'link-button', type: 'button', title: t('Show this split') }, range);
    go.addEventListener('click', () => onChoose(fromGbPerS));
    return el(
      'tr',
      {},
      el('th', { scope: 'row' }, go),
      ...[
        `${formatDuration(slowMs)} – ${formatDuration(fastMs)}`,
        String(split.operators[0]),
        String(split.operators[1]),
        t('{0} in {1}', formatMemory(split.sentBytes), split.sent.length),
      ].map((text) => el('td', {}, text)),
    );
  });
  return {
    element: answerTable(
      t('Splits by bandwidth'),
      [t('Bandwidth'), t('Time'), t('On {0}', first), t('On {0}', second), t('Sent')],
      rows,
    ),
    mark(segment) {
      rows.forEach((row, i) => {
        if (segments[i] === segment) row.setAttribute('aria-current', 'true');
        else row.removeAttribute('aria-current');
      });
    },
  };
}

/** What goes over the link, largest first. */
export function sentTable({ sent }: SplitView): HTMLElement {
  const largest = [...sent].sort((a, b) => b.bytes - a.bytes);
  const rows = largest
    .slice(0, shownTensors)
    .map(({ name, shape, bytes, from }) =>
      el(
        'tr',
        {},
        el('th', { scope: 'row' }, el('code', { title: name }, name)),
        el('td', {}, shape || '–'),
        el('td', {}, from),
        el('td', { class: 'is-number' }, formatMemory(bytes)),
      ),
    );
  if (largest.length > shownTensors) {
    const rest = largest.slice(shownTensors);
    const bytes = rest.reduce((sum, tensor) => sum + tensor.bytes, 0);
    rows.push(
      el(
        'tr',
        {},
        el('th', { scope: 'row' }, t('{0} more', rest.length)),
        ...['', ''].map((text) => el('td', {}, text)),
        el('td', { class: 'is-number' }, formatMemory(bytes)),
      ),
    );
  }
  return answerTable(t('What crosses the cut'), [t('Tensor'), t('Shape'), t('From'), t('Size')], rows);
}
