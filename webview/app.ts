import { el } from './base/dom';
import { coalesceFrames, coalesceIdle } from './base/frame';
import { memoizeLast } from './base/memoize';
import { observeTheme } from './base/theme';
import { compareBar } from './compare/compareBar';
import { frontierPane } from './frontier/frontierPane';
import { header } from './header/header';
import { inspectorPane } from './inspector/inspectorPane';
import { lanesPane } from './lanes/lanesPane';
import { pipelinePane } from './pipeline/pipelinePane';
import { layerViews } from './graph/layerViews';
import { saveShown, shownThings } from './picture/shownThings';
import { placementsPane } from './placement/placementsPane';
import { Connection, type HostApi } from './state/connection';
import { rowsOfKeys, targetOf } from './state/layerTree';
import { Store } from './state/store';
import { persistedPart, restoredUiState } from './state/uiState';
import { viewDeriver, type StepModel } from './state/view';
import { contain } from './status/contain';
import { statusPane } from './status/statusPane';
import { timelinePane } from './timeline/timelinePane';
import { Announcer } from './ui/announcer';
import { registerControls } from './ui/controls';

/** Longest wait of the details for a slider that is being dragged. */
const detailsWithinMs = 100;

/** Builds the view into `root` and connects it to the host, whose messages arrive at `page`, once it is greeted. */
export function startApp(root: HTMLElement, api: HostApi, page: EventTarget = window): Store {
  registerControls();
  const store = new Store(
    restoredUiState(api.getState()),
    observeTheme((theme) => store.update({ theme })),
  );
  const connection = new Connection(api, store);
  const announcer = new Announcer();
  const status = statusPane(connection, store);
  const top = contain(header(connection, announcer));
  const comparison = contain(compareBar(store, connection));
  const charts = [
    contain(placementsPane(store)),
    contain(frontierPane(store, connection)),
    contain(timelinePane(store, connection)),
    contain(lanesPane(store, connection)),
    contain(pipelinePane(store, connection)),
  ];
  const details = [contain(layerViews(store, connection)), contain(inspectorPane(store, connection))];
  const [placements, frontier, timeline, lanes, pipeline] = charts.map((pane) => pane.element);
  const board = el(
    'main',
    { class: 'board' },
    el(
      'div',
      { class: 'charts' },
      el('div', { class: 'left-charts' }, placements, frontier),
      timeline,
      lanes,
      pipeline,
    ),
    el('div', { class: 'details' }, ...details.map((pane) => pane.element)),
  );
  root.replaceChildren(
    top.element,
    status.banners,
    comparison.element,
    ...status.pages,
    board,
    announcer.element,
  );

  const derive = viewDeriver();
  const tellSelection = memoizeLast((selected: readonly string[], step: StepModel | undefined) => {
    if (step) connection.select(rowsOfKeys(step.tree, selected).map(targetOf));
  });
  const renderDetails = (): void => {
    const { state } = store;
    const view = derive(state);
    if (view) {
      top.renderDetails?.(view);
      comparison.render(view);
      if (!board.hidden) {
        for (const pane of charts) pane.renderDetails?.(view);
        for (const pane of details) pane.render(view);
      }
    }
    document.body.dataset.rev = String(state.revision);
  };
  // The charts follow the slider frame by frame, what is read follows when there is time.
  const renderDetailsSoon = coalesceIdle(renderDetails, detailsWithinMs);
  const render = (): void => {
    const { state } = store;
    const ready = status.render(state);
    board.hidden = !ready;
    const view = derive(state);
    top.element.hidden = view?.host.model === undefined;
    if (view) {
      top.render(view);
      tellSelection(view.ui.selected, view.step);
      if (ready) for (const pane of charts) pane.render(view);
    }
    if (view?.ui.dragBudgetBytes === undefined) renderDetails();
    else renderDetailsSoon();
  };
  store.subscribe(coalesceFrames(render));
  let savedUi = store.state.ui;
  store.subscribe(
    coalesceFrames(() => {
      if (store.state.ui === savedUi) return;
      savedUi = store.state.ui;
      api.setState(persistedPart(savedUi));
    }),
  );
  render();
  connection.start(page, (asked) => {
    const plan = store.state.host?.plan?.plan;
    if (asked.type === 'list-shown') connection.tellShown(shownThings(plan));
    else saveShown(asked.name, asked.form, plan, connection);
  });
  return store;
}
