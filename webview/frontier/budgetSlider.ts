import { formatMemory } from '../../planner-core/base/format';
import { el, setAttributes } from '../base/dom';
import type { Connection } from '../state/connection';
import type { Store } from '../state/store';
import type { PlotArea } from './frontierScale';
import { t } from '../base/l10n';

/** Width of the thumb in main.css; its centre stays half of it inside the element's ends. */
const thumbPx = 16;
/** The thumb must not cover the curves where they meet the axis. */
const belowAxisPx = 13;

export interface BudgetSlider {
  readonly element: HTMLInputElement;
  /** Puts the thumb's way exactly under the plot. */
  place(area: PlotArea): void;
  setRange(range: readonly [number, number]): void;
  setValue(budgetBytes: number, valueText: string): void;
}

/**
 * The budget as a native range input on the frontier's x scale: keyboard, touch and screen readers come with it. While
 * it moves only the view follows; the host gets one edit at the end.
 */
export function budgetSlider(store: Store, connection: Connection): BudgetSlider {
  const element = el('input', {
    id: 'budget-slider',
    class: 'budget-slider',
    type: 'range',
    step: 'any',
    'aria-label': t('Memory budget'),
  });
  let grain = 1;
  const budget = (): number => Math.max(grain, Math.round(Number(element.value) / grain) * grain);
  element.addEventListener('input', () => store.updateUi({ dragBudgetBytes: budget() }));
  element.addEventListener('change', () => {
    connection.edit({ kind: 'budget', budgetBytes: budget() });
    store.updateUi({ dragBudgetBytes: undefined });
  });
  return {
    element,
    place({ left, top, width, height }) {
      element.style.left = `${left - thumbPx / 2}px`;
      element.style.width = `${width + thumbPx}px`;
      element.style.top = `${top + height + belowAxisPx}px`;
    },
    setRange([lowBytes, highBytes]) {
      setAttributes(element, { min: lowBytes, max: highBytes });
      // Budgets a person would name: a power of two of bytes, finer than a pixel.
      grain = 2 ** Math.max(0, Math.floor(Math.log2((highBytes - lowBytes) / 1000)));
    },
    setValue(budgetBytes, valueText) {
      if (element.value !== String(budgetBytes)) element.value = String(budgetBytes);
      const fraction = (budgetBytes - Number(element.min)) / (Number(element.max) - Number(element.min));
      element.style.setProperty('--filled', `${Math.min(Math.max(fraction, 0), 1) * 100}%`);
      setAttributes(element, { 'aria-valuetext': `${formatMemory(budgetBytes)}, ${valueText}` });
    },
  };
}
