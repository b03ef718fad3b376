import type { ErrorValue } from '../../planner-core/base/errors';
import { el } from '../base/dom';
import { t } from '../base/l10n';
import type { Connection } from '../state/connection';
import type { Store } from '../state/store';
import { button } from '../ui/controls';
import { errorText } from '../ui/errorText';
import { errorButtons, logButton } from './errorButtons';

/** Why there is no plan for what is set now; what is below is from before. */
export const errorBanner = (error: ErrorValue, connection: Connection): HTMLElement =>
  banner(error, errorButtons(error, connection));

/** Why the last request was refused; nothing has changed by it. */
export function failureBanner(error: ErrorValue, connection: Connection, store: Store): HTMLElement {
  const dismiss = button({
    label: t('Dismiss'),
    appearance: 'primary',
    onClick: () => store.update({ failure: undefined }),
  });
  return banner(error, [dismiss, logButton(connection)]);
}

export function staleBanner(plan: string, connection: Connection): HTMLElement {
  const act = (label: string, title: string, action: 'keep' | 'rebase' | 'discard'): HTMLElement =>
    button({
      label,
      title,
      appearance: 'secondary',
      onClick: () => connection.send({ type: 'stale-plan', action }),
    });
  return el(
    'div',
    { class: 'banner banner-warning', role: 'alert' },
    el('span', {}, t('{0} was made for another structure of this model.', plan)),
    act(t('Keep'), t('Keep the plan file as it is and show the model without it'), 'keep'),
    act(t('Rebase'), t('Take over the decisions whose layers still exist'), 'rebase'),
    act(t('Discard'), t('Start anew from the planner'), 'discard'),
  );
}

function banner(error: ErrorValue, buttons: readonly HTMLElement[]): HTMLElement {
  const isCalm = error.code === 'cancelled';
  return el(
    'div',
    { class: `banner ${isCalm ? 'banner-info' : 'banner-error'}`, role: 'alert' },
    el('span', {}, errorText(error)),
    ...(isCalm ? [] : [el('code', {}, error.code)]),
    ...buttons,
  );
}
