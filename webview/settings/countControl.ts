import { defaultWorkload, type Workload } from '../../planner-core/step/workload';
import { el } from '../base/dom';
import { textField, type TextField } from '../ui/controls';
import type { CountSetting } from './choices';
import type { SettingControl } from './settingControl';
import { t } from '../base/l10n';

/** A field for a whole number, with its sentence. */
export function countControl(
  { field, title, least, hint, applies }: CountSetting,
  onChange: (changes: Partial<Workload>) => void,
): SettingControl {
  const input: TextField = textField({
    label: title,
    size: 7,
    onCommit(text) {
      const value = Number(text);
      const valid = text.trim() !== '' && Number.isSafeInteger(value) && value >= least;
      input.setInvalid(valid ? undefined : t('{0}: a whole number of at least {1}', title, least));
      if (valid) onChange({ [field]: value });
    },
  });
  const element = el(
    'div',
    { class: 'setting', 'data-field': field },
    el('span', { class: 'setting-title', 'aria-hidden': 'true' }, title),
    el(
      'span',
      { class: 'setting-options' },
      input.element,
      el('span', { class: 'muted' }, t('default {0}', defaultWorkload[field])),
    ),
    el('p', { class: 'setting-hint' }, hint),
  );
  return {
    element,
    render(workload) {
      element.hidden = !applies(workload);
      element.classList.toggle('is-changed', workload[field] !== defaultWorkload[field]);
      input.update(String(workload[field]));
    },
  };
}
