import { formatBandwidth, formatDuration } from '../../planner-core/base/format';
import type { SplitAnswer } from '../../planner-core/session/machines/splitModel';
import { el, setAttributes, svgEl } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { observeSize, type Size } from '../base/size';
import { counted } from '../ui/names';
import { bandwidthRange, type SplitPoint } from './splitCurve';
import { margin, splitPicture, splitScales, type SplitScales } from './splitPicture';
import { t } from '../base/l10n';

/** Width of the slider's thumb: its centre stays half of it inside the element's ends. */
const thumbPx = 16;

export interface SplitChart {
  readonly element: HTMLElement;
  /** `devices`: ids in the order of the machine, for their colours. */
  render(answer: SplitAnswer, point: SplitPoint, devices: readonly string[]): void;
}

/** Time against the bandwidth of the link, with a slider that walks along it. */
export function splitChart(onChange: (gbPerS: number) => void): SplitChart {
  const still = svgEl('g', { role: 'img', 'aria-label': t('Time against bandwidth') });
  const chosenLine = svgEl('line', { class: 'split-chosen' });
  const dot = svgEl('circle', { class: 'split-dot', r: 5 });
  const svg = svgEl('svg', {}, still, chosenLine, dot);
  const slider = el('input', {
    id: 'split-bandwidth',
    class: 'budget-slider',
    type: 'range',
    step: 'any',
    'aria-label': t('Bandwidth'),
  });
  slider.addEventListener('input', () => onChange(10 ** Number(slider.value)));
  const element = el('div', { class: 'chart split-chart' }, svg, slider);
  let size: Size = observeSize(element, (changed) => {
    size = changed;
    if (shown) render(...shown);
  });
  let shown: Parameters<SplitChart['render']> | undefined;

  const draw = memoizeLast((answer: SplitAnswer, devices: string, of: Size): SplitScales => {
    const scales = splitScales(answer, of);
    setAttributes(svg, { width: of.width, height: of.height, viewBox: `0 0 ${of.width} ${of.height}` });
    still.replaceChildren(...splitPicture(answer, scales, devices.split('\n')));
    const [from, to] = bandwidthRange(answer);
    setAttributes(slider, { min: Math.log10(from), max: Math.log10(to) });
    slider.style.left = `${margin.left - thumbPx / 2}px`;
    slider.style.width = `${scales.right - margin.left + thumbPx}px`;
    slider.style.top = `${scales.bottom + 12}px`;
    return scales;
  });
  const render = (...asked: Parameters<SplitChart['render']>): void => {
    shown = asked;
    const [answer, { gbPerS, totalMs, split }, devices] = asked;
    const { x, y, bottom, right } = draw(answer, devices.join('\n'), size);
    const at = x(gbPerS);
    setAttributes(chosenLine, { x1: at, x2: at, y1: margin.top, y2: bottom });
    setAttributes(dot, { cx: at, cy: Math.max(y(totalMs), margin.top) });
    const position = String(Math.log10(gbPerS));
    if (Number(slider.value) !== Number(position)) slider.value = position;
    slider.style.setProperty(
      '--filled',
      `${((100 * (at - margin.left)) / (right - margin.left)).toFixed(2)}%`,
    );
    const [first, second] = answer.between;
    const operators = t(
      '{0} on {1}, {2} on {3}',
      counted(split.operators[0], 'operator'),
      first,
      split.operators[1],
      second,
    );
    const text = `${formatBandwidth(gbPerS)}, ${formatDuration(totalMs)}, ${operators}`;
    setAttributes(slider, { 'aria-valuetext': text });
  };
  return { element, render };
}
