import type { Workload } from '../../planner-core/step/workload';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { withoutFrozen } from '../state/frozen';
import { counted } from '../ui/names';
import { removableItems } from './removableItems';
import type { SettingControl } from './settingControl';
import { t } from '../base/l10n';

/** The modules that are not trained, each with a button that trains it again. They are chosen in the layer tree. */
export function frozenList(onChange: (changes: Partial<Workload>) => void): SettingControl {
  const items = removableItems(t('Frozen modules'), (name) => t('Train {0}', nameOf(name)), nameOf);
  const hint = el(
    'p',
    { class: 'setting-hint' },
    t(
      'requires_grad_(False): no gradients and no optimizer state for their parameters, nor what only those needed. ',
    ) + t('Freeze modules in the layer tree: the snowflake of a row, or F.'),
  );
  const title = el('h3', {});
  const element = el(
    'section',
    { class: 'setting-section', 'data-field': 'frozen' },
    title,
    hint,
    items.element,
  );
  const show = memoizeLast((frozen: readonly string[]) => {
    title.textContent =
      frozen.length === 0 ? t('Frozen modules: none') : t('Frozen: {0}', counted(frozen.length, 'module'));
    element.classList.toggle('is-changed', frozen.length > 0);
    items.show(frozen, (name) => onChange({ frozen: withoutFrozen(frozen, [name]) }));
  });
  return {
    element,
    render({ mode, frozen }) {
      element.hidden = mode !== 'training';
      show(frozen);
    },
  };
}

const nameOf = (module: string): string => (module === '' ? t('the whole model') : module);
