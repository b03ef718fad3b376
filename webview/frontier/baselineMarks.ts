import { formatMemory, formatOverhead } from '../../planner-core/base/format';
import { el, svgEl } from '../base/dom';
import type { Connection } from '../state/connection';
import { familyMark, type BaselineGroup } from './baselineFamilies';
import type { FrontierScale, PlotArea } from './frontierScale';
import { t, translated } from '../base/l10n';

export interface BaselineMarks {
  readonly element: SVGGElement;
  /** What is said of the mark under the pointer or with the focus. */
  readonly tip: HTMLElement;
  draw(groups: readonly BaselineGroup[], scale: FrontierScale, area: PlotArea): void;
}

/**
 * The marks of well-known rules: one tab stop, arrow keys walk from peak to peak, and a click or Enter makes a mark's
 * peak the budget.
 */
export function baselineMarks(connection: Connection): BaselineMarks {
  const element = svgEl('g', { role: 'group', 'aria-label': t('Well-known rules') });
  const tip = el('div', { class: 'baseline-tip', 'aria-hidden': 'true' });
  tip.hidden = true;
  let marks: SVGPathElement[] = [];

  const walk = (from: SVGPathElement, step: number): void => {
    const next = marks[marks.indexOf(from) + step];
    if (!next) return;
    from.setAttribute('tabindex', '-1');
    next.setAttribute('tabindex', '0');
    next.focus();
  };

  const markOf = (group: BaselineGroup, scale: FrontierScale, area: PlotArea): SVGPathElement => {
    const [{ peakBytes, overheadPercent }] = group.points;
    const x = scale.x(peakBytes);
    const y = scale.y(overheadPercent);
    const mark = svgEl('path', {
      class: 'baseline-mark',
      d: familyMark(group.family),
      transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
      role: 'button',
      tabindex: -1,
      'aria-label': t('{0}: {1}. Make this the budget.', namesOf(group), numbersOf(group)),
    });
    const choose = (): void => connection.edit({ kind: 'budget', budgetBytes: peakBytes });
    const tell = (): void => showTip(group, x, y, area);
    const hide = (): void => {
      tip.hidden = true;
    };
    mark.addEventListener('click', choose);
    mark.addEventListener('pointerenter', tell);
    mark.addEventListener('pointerleave', hide);
    mark.addEventListener('focus', tell);
    mark.addEventListener('blur', hide);
    mark.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (step !== undefined) walk(mark, step);
      else if (event.key === 'Enter' || event.key === ' ') choose();
      else if (event.key === 'Escape' && !tip.hidden) hide();
      else return;
      event.preventDefault();
    });
    return mark;
  };

  const showTip = (
    group: BaselineGroup,
    x: number,
    y: number,
    { left, top, width, height }: PlotArea,
  ): void => {
    tip.replaceChildren(
      el('strong', {}, namesOf(group)),
      el('div', {}, numbersOf(group)),
      el('div', { class: 'baseline-source' }, translated(group.points[0].description)),
    );
    tip.hidden = false;
    // In the half of the plot that the mark is not in.
    const isLow = y > top + height / 2;
    tip.style.top = isLow ? `${top}px` : '';
    tip.style.bottom = isLow ? '' : '58px';
    const room = left + width - tip.offsetWidth;
    tip.style.left = `${Math.min(Math.max(x - tip.offsetWidth / 2, left), Math.max(room, 0))}px`;
  };

  return {
    element,
    tip,
    draw(groups, scale, area) {
      const focused = marks.findIndex((mark) => mark === document.activeElement);
      tip.hidden = true;
      marks = groups.map((group) => markOf(group, scale, area));
      element.replaceChildren(...marks);
      const first = marks[Math.min(Math.max(focused, 0), marks.length - 1)];
      first?.setAttribute('tabindex', '0');
      if (focused >= 0) first?.focus();
    },
  };
}

const namesOf = ({ points }: BaselineGroup): string => points.map(({ name }) => translated(name)).join(' = ');

const numbersOf = ({ points: [{ peakBytes, overheadPercent }] }: BaselineGroup): string =>
  t('{0}, step {1}', formatMemory(peakBytes), formatOverhead(overheadPercent));
