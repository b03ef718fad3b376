import type { ErrorValue } from '../../planner-core/base/errors';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { Connection } from '../state/connection';
import type { State } from '../state/store';
import { button } from '../ui/controls';
import { errorText } from '../ui/errorText';
import { errorButtons } from './errorButtons';
import { errorPanel } from './errorPanel';
import { loadingPage } from './loadingPage';
import { t } from '../base/l10n';

/**
 * What is shown above or instead of the panes: that the model is being read, that it cannot be, that a saved plan is
 * for another structure, that the last request failed.
 */
export function statusPane(connection: Connection) {
  const loading = loadingPage(() => connection.send({ type: 'cancel' }));
  const failed = el('div', { class: 'state-page' });
  const banners = el('div', { class: 'banners' });

  const showError = memoizeLast((error: ErrorValue | undefined) =>
    failed.replaceChildren(...(error ? [errorPanel(error, connection)] : [])),
  );
  const showBanners = memoizeLast(
    (stale: string | undefined, error: ErrorValue | undefined, failure: ErrorValue | undefined) =>
      banners.replaceChildren(
        ...(stale ? [staleBanner(stale, connection)] : []),
        ...(error ? [errorBanner(error, connection)] : []),
        ...(failure ? [errorBanner(failure, connection)] : []),
      ),
  );
  return {
    banners,
    pages: [loading.element, failed],
    /** Returns true when panes can be shown. */
    render({ host, failure }: State): boolean {
      const ready = host?.step !== undefined;
      const error = host?.error ?? (host ? undefined : failure);
      loading.element.hidden = ready || error !== undefined;
      failed.hidden = ready || error === undefined;
      loading.show(host?.progress);
      showError(ready ? undefined : error);
      showBanners(host?.stalePlan, ready ? host.error : undefined, host ? failure : undefined);
      return ready;
    },
  };
}

function staleBanner(plan: string, connection: Connection): HTMLElement {
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

function errorBanner(error: ErrorValue, connection: Connection): HTMLElement {
  const tone = error.code === 'cancelled' ? 'banner-info' : 'banner-error';
  return el(
    'div',
    { class: `banner ${tone}`, role: 'alert' },
    el('span', {}, errorText(error)),
    ...(error.code === 'cancelled' ? [] : [el('code', {}, error.code)]),
    ...errorButtons(error, connection),
  );
}
