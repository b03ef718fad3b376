import { defaultWorkload, type Workload } from '../../planner-core/step/workload';
import { el, setText } from '../base/dom';
import type { ChoiceSetting } from './choices';
import type { SettingControl } from './settingControl';
import { t } from '../base/l10n';

/** Radio buttons side by side; the sentence under them says what the chosen one means, their titles what each would. */
export function choiceControl(
  { field, title, options, applies }: ChoiceSetting,
  onChange: (changes: Partial<Workload>) => void,
): SettingControl {
  const hint = el('p', { class: 'setting-hint', id: `setting-${field}-hint` });
  const radios = options.map(({ value }) => {
    const radio = el('input', { type: 'radio', name: `setting-${field}`, value });
    radio.addEventListener('change', () => onChange({ [field]: value }));
    return radio;
  });
  const element = el(
    'div',
    {
      class: 'setting',
      role: 'radiogroup',
      'aria-labelledby': `setting-${field}`,
      'aria-describedby': hint.id,
      'data-field': field,
    },
    el('span', { class: 'setting-title', id: `setting-${field}` }, title),
    el(
      'span',
      { class: 'setting-options' },
      ...options.map(({ value, label, hint: meaning }, i) => {
        const isDefault = value === defaultWorkload[field];
        return el(
          'label',
          { title: isDefault ? t('{0} Default.', meaning) : meaning },
          radios[i],
          el('span', {}, label, ...(isDefault ? [defaultMark()] : [])),
        );
      }),
    ),
    hint,
  );
  return {
    element,
    render(workload) {
      element.hidden = !applies(workload);
      element.classList.toggle('is-changed', workload[field] !== defaultWorkload[field]);
      options.forEach(({ value, hint: meaning }, i) => {
        radios[i].checked = workload[field] === value;
        if (radios[i].checked) setText(hint, meaning);
      });
    },
  };
}

const defaultMark = (): HTMLElement =>
  el('span', { class: 'default-mark' }, el('span', { class: 'visually-hidden' }, t(', default')));
