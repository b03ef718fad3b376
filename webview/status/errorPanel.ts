import type { ErrorLocation, ErrorValue } from '../../planner-core/base/errors';
import { el } from '../base/dom';
import type { Connection } from '../state/connection';
import { errorButtons } from './errorButtons';
import { t, translated } from '../base/l10n';

/** Why a model cannot be shown: what, where, and what to do about it. */
export function errorPanel(error: ErrorValue, connection: Connection): HTMLElement {
  const where = locationText(error.where);
  return el(
    'div',
    {
      id: 'error',
      class: error.code === 'cancelled' ? 'error-panel is-calm' : 'error-panel',
      role: 'alert',
    },
    el('h1', {}, translated(error.message)),
    ...(error.hint ? [el('p', {}, translated(error.hint))] : []),
    el('p', { class: 'muted' }, el('code', {}, error.code), where ? ` · ${where}` : ''),
    el('div', { class: 'button-row' }, ...errorButtons(error, connection)),
  );
}

function locationText(where: ErrorLocation | undefined): string {
  if (!where) return '';
  const parts = [
    where.file,
    where.byteOffset === undefined ? undefined : t('byte {0}', where.byteOffset.toLocaleString('en')),
    where.node === undefined ? undefined : t('operator {0}', where.node),
  ];
  return parts.filter(Boolean).join(', ');
}
