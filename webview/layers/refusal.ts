import type { LayerRow } from '../../planner-core/session/types';
import { el, setText } from '../base/dom';
import { t } from '../base/l10n';
import { displayLabel } from '../state/layerTree';

/** A row that a choice was meant for, and why it cannot be made there; undefined: it is. */
export interface Meant {
  readonly target: LayerRow;
  readonly reason: string | undefined;
}

/** Why a choice was not made for all it was meant for, below the table until something else is selected. */
export function refusal() {
  // Always in the page: a live region that has just appeared is not read out.
  const words = el('span', { role: 'status' });
  const element = el('p', { class: 'refusal tone-warning', hidden: true }, words);
  let about: readonly string[] | undefined;
  /** `selected`: the keys of the rows that are selected now. */
  const show = (selected: readonly string[], meant: readonly Meant[]): void => {
    const text = refusalText(meant);
    about = text === '' ? undefined : selected;
    element.hidden = text === '';
    setText(words, text);
  };
  const forget = (selected: readonly string[]): void => {
    if (about !== undefined && about !== selected) show(selected, []);
  };
  return { element, show, forget };
}

/** '' where nothing was refused; else which rows stay as they are, and the reasons, each once. */
export function refusalText(meant: readonly Meant[]): string {
  const refused = meant.filter(({ reason }) => reason !== undefined);
  if (refused.length === 0) return '';
  const reasons = [...new Set(refused.map(({ reason }) => reason))].join('; ');
  const [{ target }] = refused;
  return meant.length === 1
    ? t('{0} stays as it is: {1}.', target.name || displayLabel(target), reasons)
    : t('{0} of {1} layers stay as they are: {2}.', refused.length, meant.length, reasons);
}
