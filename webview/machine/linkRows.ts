import { findLink, linkCatalogue } from '../../planner-core/devices/linkCatalogue';
import { hostEnd, type MachineDevice, type MachineLink } from '../../planner-core/devices/machine';
import { el, replaceKeepingFocus, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { dropdown, textField, type DropdownOption, type TextField } from '../ui/controls';
import { linkEnds, linkOf, ofCatalogue, type LinkEnds } from './machineModel';
import { t } from '../base/l10n';

const derived = 'derived';
const custom = 'custom';

const options: readonly DropdownOption[] = [
  { value: derived, label: t('as the devices say') },
  ...linkCatalogue.map(({ name, title }) => ({ value: name, label: title })),
  { value: custom, label: t('custom') },
];

/** What a custom link starts as where there was none: the slowest that GPUs usually have. */
const start = ofCatalogue(linkCatalogue[0]);

/** A row a pair of ends: the kind of its link, how fast it is, whether both directions share it. */
export function linkRows(
  onChange: (ends: LinkEnds, link: Omit<MachineLink, 'between'> | undefined) => void,
): {
  element: HTMLElement;
  show(devices: readonly MachineDevice[], links: readonly MachineLink[] | undefined): void;
} {
  const element = el('ul', { class: 'machine-links', 'aria-label': t('Links') });
  let rows: readonly LinkRow[] = [];
  const make = memoizeLast((signature: string) => {
    const pairs = JSON.parse(signature) as LinkEnds[];
    rows = pairs.map((ends) => linkRow(ends, (link) => onChange(ends, link)));
    replaceKeepingFocus(
      element,
      rows.map((row) => row.element),
    );
  });
  return {
    element,
    show(devices, links) {
      const pairs = linkEnds(devices);
      make(JSON.stringify(pairs));
      pairs.forEach((ends, i) => rows[i].show(linkOf(links, ends)));
    },
  };
}

/** `gpu0 – cpu`, `each gpu – each other`, `gpu0 – host memory` */
function endsText([a, b]: LinkEnds): string {
  if (a === b) return t('among {0}', a);
  return `${a} – ${b === hostEnd ? t('host memory') : b}`;
}

interface LinkRow {
  readonly element: HTMLElement;
  show(link: MachineLink | undefined): void;
}

function linkRow(
  ends: LinkEnds,
  onChange: (link: Omit<MachineLink, 'between'> | undefined) => void,
): LinkRow {
  const between = endsText(ends);
  let shown: Omit<MachineLink, 'between'> = start;
  const kind = dropdown(t('Link {0}', between), (value) => {
    const spec = findLink(value);
    if (value === derived) onChange(undefined);
    else onChange(spec ? ofCatalogue(spec) : { ...shown, name: custom });
  });
  const rate = numberField(t('Bandwidth {0}, GB/s', between), t('GB/s: more than 0'), (value) => {
    if (value <= 0) return false;
    onChange({ ...shown, name: custom, gbPerS: value });
    return true;
  });
  const latency = numberField(
    t('Latency {0}, microseconds', between),
    t('Microseconds: 0 or more'),
    (value) => {
      if (value < 0) return false;
      onChange({ ...shown, name: custom, latencyMs: value / 1000 });
      return true;
    },
  );
  const shared = el('input', { type: 'checkbox' });
  shared.addEventListener('change', () => onChange({ ...shown, shared: shared.checked }));
  const sharedLabel = el(
    'label',
    {
      class: 'machine-shared',
      title: t('One transfer at a time in both directions together; else one each way'),
    },
    shared,
    el(
      'span',
      {},
      t('shared'),
      el('span', { class: 'visually-hidden' }, ` ${t('by both directions, {0}', between)}`),
    ),
  );
  const facts = el(
    'span',
    { class: 'machine-link-facts' },
    rate.element,
    el('span', { class: 'muted', 'aria-hidden': 'true' }, 'GB/s'),
    latency.element,
    el('span', { class: 'muted', 'aria-hidden': 'true' }, 'µs'),
    sharedLabel,
  );
  const name = el('code', { class: 'machine-id' });
  setText(name, between);
  const element = el('li', { class: 'machine-link', 'data-link': ends.join(' ') }, name, kind.element, facts);
  return {
    element,
    show(link) {
      if (link)
        shown = { name: link.name, gbPerS: link.gbPerS, latencyMs: link.latencyMs, shared: link.shared };
      const value = !link ? derived : findLink(link.name) ? link.name.toLowerCase() : custom;
      kind.update(options, value);
      facts.hidden = !link;
      rate.update(rounded(shown.gbPerS));
      latency.update(rounded(shown.latencyMs * 1000));
      shared.checked = shown.shared;
    },
  };
}

/** Without the noise of a binary fraction. */
const rounded = (value: number): string => String(Number(value.toPrecision(6)));

function numberField(label: string, hint: string, take: (value: number) => boolean): TextField {
  const field: TextField = textField({
    label,
    size: 6,
    onCommit(text) {
      const value = Number(text);
      const taken = text.trim() !== '' && Number.isFinite(value) && take(value);
      field.setInvalid(taken ? undefined : hint);
    },
  });
  return field;
}
