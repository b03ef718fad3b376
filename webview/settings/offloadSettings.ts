import { formatMemory, parseMemory } from '../../planner-core/base/format';
import {
  minimisations,
  type Minimise,
  type OffloadLink,
  type OffloadPlace,
  type OffloadTarget,
} from '../../planner-core/plan/offloadTarget';
import type { Edit, PlanInputs } from '../../planner-core/plan/planInputs';
import { el, setText } from '../base/dom';
import { linkNamed, linkOptions, usualLinkText } from '../offload/links';
import { dropdown, textField } from '../ui/controls';
import { t } from '../base/l10n';

/** How values may leave the device, and what plans make least of. */
export interface OffloadSettings {
  readonly element: HTMLElement;
  /** Goes to the link that values leave over. */
  focusLink(): void;
  render(inputs: PlanInputs): void;
}

type Place = OffloadPlace | 'none';

const places: readonly { readonly value: Place; readonly label: string; readonly hint: string }[] = [
  {
    value: 'none',
    label: t('nowhere'),
    hint: t('What does not fit is recomputed; nothing leaves the device by itself.'),
  },
  {
    value: 'host',
    label: t('host memory'),
    hint: t(
      'Plans may copy values to pinned host memory and back, beside the computations, where that costs less than to recompute.',
    ),
  },
  {
    value: 'storage',
    label: t('storage'),
    hint: t('Plans may copy values to a disk and back: more room than host memory, and a slower way.'),
  },
];

const leastNames: Readonly<Record<Minimise, string>> = {
  time: t('time'),
  energy: t('energy'),
  carbon: t('carbon'),
};

const leastHints: Readonly<Record<Minimise, string>> = {
  time: t('Of all plans that fit the budget the fastest.'),
  energy: t('Of all plans that fit the budget the one that takes the fewest joules.'),
  carbon: t('Energy by the grams of carbon dioxide a kilowatt-hour stands for where you are.'),
};

/** The machine's own link, or the storage catalogue's. */
const asItIs = '';
const custom = 'custom';

/** The edits that put these settings back. */
export const offloadReset: readonly Edit[] = [
  { kind: 'offload', offload: undefined },
  { kind: 'minimise', minimise: 'time', carbonGramsPerKWh: undefined },
];

/** How many of these settings are not at their default. */
export const changedOffload = ({ offload, minimise = 'time' }: PlanInputs): number =>
  Number(offload !== undefined) + Number(minimise !== 'time');

export function offloadSettings(onEdit: (edit: Edit) => void): OffloadSettings {
  let target: OffloadTarget | undefined;
  let inputs: PlanInputs | undefined;
  /** Carbon is chosen, and its intensity is not there yet. */
  let wantsCarbon = false;
  const change = (changes: Partial<OffloadTarget>): void => {
    if (target) onEdit({ kind: 'offload', offload: { ...target, ...changes } });
  };

  const place = radios('offload-to', places, (value) =>
    onEdit({ kind: 'offload', offload: value === 'none' ? undefined : { to: value } }),
  );
  const link = dropdown(t('Link to where values go'), (name) => {
    if (name === custom) return;
    change({ link: name === asItIs ? undefined : linkNamed(name) });
  });
  const bandwidth = textField({
    label: t('Bandwidth in GB/s, or out and back: 24, 20'),
    size: 8,
    placeholder: 'GB/s',
    onCommit(text) {
      const rates = ratesOf(text);
      bandwidth.setInvalid(rates ? undefined : t('A bandwidth above 0 GB/s, or two: out, back'));
      if (!rates) return;
      const [outGBPerS, inGBPerS] = rates;
      const base: Omit<OffloadLink, 'outGBPerS' | 'inGBPerS'> = target?.link ?? {
        ...{ name: custom, latencyMs: 0.01, shared: false },
      };
      change({ link: { ...base, name: custom, outGBPerS, inGBPerS } });
    },
  });
  const limit = textField({
    label: t('Memory that a plan may use there; empty: as much as it takes'),
    size: 9,
    placeholder: t('no limit'),
    onCommit(text) {
      const isEmpty = text.trim() === '';
      const bytes = isEmpty ? undefined : parseMemory(text);
      const isValid = isEmpty || (bytes !== undefined && bytes > 0);
      limit.setInvalid(isValid ? undefined : t('An amount of memory, for example 64 GiB'));
      if (isValid) change({ memoryBytes: bytes });
    },
  });
  const over = el(
    'div',
    { class: 'setting' },
    el('span', { class: 'setting-title', 'aria-hidden': 'true' }, t('over')),
    el('span', { class: 'setting-options' }, link.element, bandwidth.element),
  );
  const room = el(
    'div',
    { class: 'setting' },
    el('span', { class: 'setting-title', 'aria-hidden': 'true' }, t('room there')),
    el('span', { class: 'setting-options' }, limit.element),
  );

  const least = radios(
    'minimise',
    minimisations.map((value) => ({ value, label: leastNames[value], hint: leastHints[value] })),
    (value) => {
      const intensity = inputs?.carbonGramsPerKWh;
      wantsCarbon = value === 'carbon' && intensity === undefined;
      if (wantsCarbon) {
        show();
        intensityField.element.focus();
      } else onEdit({ kind: 'minimise', minimise: value, carbonGramsPerKWh: intensity });
    },
  );
  const intensityField = textField({
    label: t('Grams of carbon dioxide for a kilowatt-hour'),
    size: 7,
    placeholder: 'g/kWh',
    onCommit(text) {
      const grams = Number(text);
      const isValid = text.trim() !== '' && Number.isFinite(grams) && grams >= 0;
      intensityField.setInvalid(isValid ? undefined : t('Grams of at least 0, for example 380'));
      if (isValid) onEdit({ kind: 'minimise', minimise: 'carbon', carbonGramsPerKWh: grams });
    },
  });
  const intensity = el(
    'div',
    { class: 'setting' },
    el('span', { class: 'setting-title', 'aria-hidden': 'true' }, t('a kilowatt-hour')),
    el(
      'span',
      { class: 'setting-options' },
      intensityField.element,
      el('span', { class: 'muted' }, t('g of CO₂e')),
    ),
  );

  const show = (): void => {
    if (!inputs) return;
    const to: Place = target?.to ?? 'none';
    place.show(to, 'none');
    over.hidden = room.hidden = target === undefined;
    const own = target?.link;
    const known = to === 'none' ? [] : linkOptions(to);
    const isOther = own !== undefined && !known.some(({ value }) => value === own.name);
    link.update(
      [
        { value: asItIs, label: to === 'none' ? '' : usualLinkText(inputs, to) },
        ...known,
        ...(isOther ? [{ value: own.name, label: own.name }] : []),
      ],
      own?.name ?? asItIs,
    );
    bandwidth.update(own ? ratesText(own) : '');
    limit.update(target?.memoryBytes === undefined ? '' : formatMemory(target.memoryBytes));
    const minimise = wantsCarbon ? 'carbon' : (inputs.minimise ?? 'time');
    least.show(minimise, 'time');
    intensity.hidden = minimise !== 'carbon';
    intensityField.update(inputs.carbonGramsPerKWh === undefined ? '' : String(inputs.carbonGramsPerKWh));
  };
  return {
    element: el(
      'section',
      { class: 'offload-settings', 'aria-label': t('Leaving the device') },
      settingRow(t('Offload to'), 'offload-to', place),
      over,
      room,
      settingRow(t('Make least of'), 'minimise', least),
      intensity,
    ),
    focusLink: () => link.element.focus(),
    render(shown) {
      if (shown.minimise === 'carbon' || shown.minimise !== inputs?.minimise) wantsCarbon = false;
      inputs = shown;
      target = shown.offload;
      show();
    },
  };
}

interface Radios<T> {
  readonly options: HTMLElement;
  readonly hint: HTMLElement;
  show(value: T, byDefault: T): void;
}

function radios<T extends string>(
  name: string,
  options: readonly { readonly value: T; readonly label: string; readonly hint: string }[],
  onChange: (value: T) => void,
): Radios<T> {
  const hint = el('p', { class: 'setting-hint', id: `setting-${name}-hint` });
  const inputs = options.map(({ value }) => {
    const radio = el('input', { type: 'radio', name: `setting-${name}`, value });
    radio.addEventListener('change', () => onChange(value));
    return radio;
  });
  return {
    hint,
    options: el(
      'span',
      { class: 'setting-options' },
      ...options.map(({ label, hint: meaning }, i) =>
        el('label', { title: meaning }, inputs[i], el('span', {}, label)),
      ),
    ),
    show(value, byDefault) {
      options.forEach((option, i) => {
        inputs[i].checked = option.value === value;
        if (inputs[i].checked) setText(hint, option.hint);
      });
      hint.parentElement?.classList.toggle('is-changed', value !== byDefault);
    },
  };
}

const settingRow = <T>(title: string, name: string, { options, hint }: Radios<T>): HTMLElement =>
  el(
    'div',
    {
      class: 'setting',
      role: 'radiogroup',
      'aria-labelledby': `setting-${name}`,
      'aria-describedby': hint.id,
      'data-field': name,
    },
    el('span', { class: 'setting-title', id: `setting-${name}` }, title),
    options,
    hint,
  );

/** `24` for both directions, `24, 20` for out and back; undefined where one is not above 0. */
export function ratesOf(text: string): readonly [number, number] | undefined {
  const rates = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (rates.length > 2 || rates.some((rate) => !(rate > 0 && Number.isFinite(rate)))) return undefined;
  return [rates[0], rates.at(-1) ?? rates[0]];
}

const ratesText = ({ outGBPerS, inGBPerS }: OffloadLink): string =>
  outGBPerS === inGBPerS ? String(outGBPerS) : `${outGBPerS}, ${inGBPerS}`;
