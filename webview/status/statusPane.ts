import type { ErrorValue } from '../../planner-core/base/errors';
import type { ViewState } from '../../planner-core/protocol/messages';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { Connection } from '../state/connection';
import type { State, Store } from '../state/store';
import { emptyModelPanel } from './emptyModel';
import { errorBanner, failureBanner, staleBanner } from './banners';
import { errorPanel } from './errorPanel';
import { loadingPage } from './loadingPage';
import { unknownOperatorsBanner } from './unknownOperators';

/**
 * What is shown above or instead of the panes: that the model is being read, that it cannot be or was not wanted, that there is
 * nothing in it; that a saved plan is for another structure, that operators are not known, that the last request failed.
 */
export function statusPane(connection: Connection, store: Store) {
  const loading = loadingPage(() => connection.send({ type: 'cancel' }));
  const instead = el('main', { class: 'state-page' });
  const banners = el('div', { class: 'banners' });

  const showInstead = memoizeLast((error: ErrorValue | undefined, emptyFile: string | undefined) =>
    instead.replaceChildren(
      ...(error ? [errorPanel(error, connection)] : []),
      ...(emptyFile === undefined ? [] : [emptyModelPanel(emptyFile, connection)]),
    ),
  );
  const showBanners = memoizeLast(
    (
      stale: string | undefined,
      error: ErrorValue | undefined,
      failure: ErrorValue | undefined,
      partial: ViewState['model'],
    ) =>
      banners.replaceChildren(
        ...(stale ? [staleBanner(stale, connection)] : []),
        ...(error ? [errorBanner(error, connection)] : []),
        ...(failure ? [failureBanner(failure, connection, store)] : []),
        ...(partial
          ? [unknownOperatorsBanner(partial, (filter) => store.updateUi({ filter, showsGraph: false }))]
          : []),
      ),
  );
  return {
    banners,
    pages: [loading.element, instead],
    /** Returns true when panes can be shown. */
    render({ host, failure }: State): boolean {
      const error = host?.error ?? (host ? undefined : failure);
      const isEmpty = host?.step !== undefined && host.model?.operatorCount === 0;
      // With a step alone, all panes would be waiting for what will not come.
      const hasPanes = host?.step !== undefined && !(error && !host.plan && !host.frontier) && !isEmpty;
      loading.element.hidden = hasPanes || isEmpty || error !== undefined;
      loading.show(host?.progress);
      instead.hidden = hasPanes || (error === undefined && !isEmpty);
      showInstead(hasPanes ? undefined : error, isEmpty && !error ? host.model?.file : undefined);
      const isPartial = hasPanes && (host.model?.unprofiledOperators.length ?? 0) > 0;
      showBanners(
        host?.stalePlan,
        hasPanes ? error : undefined,
        host ? failure : undefined,
        isPartial ? host.model : undefined,
      );
      return hasPanes;
    },
  };
}
