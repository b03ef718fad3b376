import { el, setAttributes, setText } from '../base/dom';
import { t } from '../base/l10n';
import { topOf, withWeight, type DrawnHistogram } from './drawnHistogram';
import { shareText } from './sizesWords';

/** Of the full height, what a key changes. */
const keyStep = 0.02;
const pageStep = 0.1;

export interface HistogramField {
  readonly element: HTMLElement;
  /** undefined: there is none to draw. */
  render(histogram: DrawnHistogram | undefined): void;
}

/**
 * A histogram that is drawn by hand: press or drag where bars are to end. To the keyboard each bar is a slider: up and down change it, left
 * and right go to the next one, Home empties it.
 */
export function histogramField(onDraw: (histogram: DrawnHistogram) => void): HistogramField {
  const bars = el('div', { class: 'drawn-bars' });
  const hint = el('span', { class: 'drawn-hint' });
  const element = el(
    'div',
    { class: 'drawn-histogram', role: 'group', 'aria-label': t('How common each size is'), hidden: true },
    bars,
    hint,
  );
  let shown: DrawnHistogram | undefined;
  let focused = 0;
  /** What the full height is while a person draws; else bars would move under the pointer. */
  let heldTop: number | undefined;
  const top = (): number => heldTop ?? (shown ? topOf(shown) : 1);
  const set = (bar: number, weight: number): void => {
    if (!shown) return;
    focused = bar;
    const clamped = Math.min(Math.max(weight, 0), top());
    const drawn = withWeight(shown, bar, clamped);
    render(drawn);
    onDraw(drawn);
  };

  const draw = (event: PointerEvent): void => {
    if (!shown) return;
    const box = bars.getBoundingClientRect();
    const bar = Math.floor(((event.clientX - box.left) / box.width) * shown.bars.length);
    if (bar < 0 || bar >= shown.bars.length) return;
    const track = bars.children[bar].querySelector('.drawn-track')!.getBoundingClientRect();
    set(bar, ((track.bottom - event.clientY) / track.height) * top());
  };
  bars.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !shown) return;
    heldTop = topOf(shown);
    bars.setPointerCapture(event.pointerId);
    draw(event);
    sliderAt(focused)?.focus();
    event.preventDefault();
  });
  bars.addEventListener('pointermove', (event) => {
    if (heldTop !== undefined) draw(event);
  });
  for (const end of ['pointerup', 'pointercancel'] as const)
    bars.addEventListener(end, () => {
      heldTop = undefined;
      render(shown);
    });
  bars.addEventListener('keydown', (event) => {
    if (!shown || event.ctrlKey || event.metaKey || event.altKey) return;
    const bar = [...bars.children].findIndex((each) => each.contains(event.target as Node));
    const { weight } = shown.bars[bar] ?? { weight: 0 };
    const step = Math.max(weightStep(shown), keyStep * top());
    const changes: Readonly<Record<string, () => void>> = {
      ArrowUp: () => set(bar, weight + step),
      ArrowDown: () => set(bar, weight - step),
      PageUp: () => set(bar, weight + pageStep * top()),
      PageDown: () => set(bar, weight - pageStep * top()),
      Home: () => set(bar, 0),
      End: () => set(bar, top()),
      ArrowLeft: () => (focused = Math.max(0, bar - 1)),
      ArrowRight: () => (focused = Math.min(bars.children.length - 1, bar + 1)),
    };
    const change = changes[event.key];
    if (!change) return;
    event.preventDefault();
    change();
    render(shown);
    sliderAt(focused)?.focus();
  });

  const sliderAt = (bar: number): HTMLElement | undefined =>
    (bars.children[bar]?.querySelector('[role="slider"]') ?? undefined) as HTMLElement | undefined;

  function render(histogram: DrawnHistogram | undefined): void {
    shown = histogram;
    element.hidden = !histogram;
    if (!histogram) return;
    if (bars.children.length !== histogram.bars.length)
      bars.replaceChildren(...histogram.bars.map(() => emptyBar()));
    focused = Math.min(focused, histogram.bars.length - 1);
    const total = histogram.bars.reduce((sum, { weight }) => sum + weight, 0);
    const height = top();
    histogram.bars.forEach(({ size, weight }, i) => {
      const share = total > 0 ? weight / total : 0;
      const slider = sliderAt(i)!;
      setAttributes(slider, {
        tabindex: i === focused ? '0' : '-1',
        'aria-label': `${histogram.dimension} ${size}`,
        'aria-valuemax': height,
        'aria-valuenow': weight,
        'aria-valuetext': t('{0} of the batches', shareText(share)),
        title: `${histogram.dimension} ${size}: ${shareText(share)}`,
      });
      slider.style.setProperty('--filled', `${(100 * Math.min(weight, height)) / height}%`);
      setText(bars.children[i].querySelector<HTMLElement>('.drawn-size')!, String(size));
    });
    setText(
      hint,
      histogram.isJoined
        ? t('Batches by {0}, sizes put together: drawing plans for these', histogram.dimension)
        : t('Batches by {0}: draw, or write them above', histogram.dimension),
    );
  }
  return { element, render };
}

const emptyBar = (): HTMLElement =>
  el(
    'div',
    { class: 'drawn-bar' },
    el(
      'div',
      { class: 'drawn-track', role: 'slider', 'aria-orientation': 'vertical', 'aria-valuemin': '0' },
      el('div', { class: 'drawn-fill' }),
    ),
    el('span', { class: 'drawn-size', 'aria-hidden': 'true' }),
  );

/** The least that changes a weight: counts are whole. */
const weightStep = ({ bars }: DrawnHistogram): number =>
  bars.every(({ weight }) => Number.isInteger(weight)) && bars.some(({ weight }) => weight >= 8) ? 1 : 0;
