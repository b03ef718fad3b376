import type { ErrorLocation, ErrorValue } from '../../planner-core/base/errors';
import { el } from '../base/dom';
import type { Connection } from '../state/connection';
import { button } from '../ui/controls';
import { t } from '../base/l10n';

/** Why a model cannot be shown: what, where, and what to do about it. */
export function errorPanel(error: ErrorValue, connection: Connection): HTMLElement {
  const where = locationText(error.where);
  return el(
    'div',
    { id: 'error', class: 'error-panel', role: 'alert' },
    el('h2', {}, error.message),
    ...(error.hint ? [el('p', {}, error.hint)] : []),
    el('p', { class: 'muted' }, el('code', {}, error.code), where ? ` · ${where}` : ''),
    el(
      'div',
      { class: 'button-row' },
      button({
        label: t('Reload'),
        appearance: 'primary',
        onClick: () => connection.send({ type: 'reload' }),
      }),
      button({
        label: t('Show Log'),
        appearance: 'secondary',
        onClick: () => connection.send({ type: 'show-log' }),
      }),
    ),
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
