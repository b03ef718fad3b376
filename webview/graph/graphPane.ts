import type { Decision } from '../../planner-core/plan/plan';
import { el, patchChildren, setAttributes, svgEl } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { observeSize, type Size } from '../base/size';
import { effectiveChoices, type RowDecision } from '../layers/effectiveChoice';
import { rowKey, rowsOfKeys } from '../state/layerTree';
import type { ShownPlan } from '../state/shownPlan';
import type { Store } from '../state/store';
import { graphColours, type GraphColour } from '../state/uiState';
import type { Pane, StepModel, View } from '../state/view';
import { tableTwin } from '../ui/tableTwin';
import { isOpenable, visibleBoxes, type Box } from './boxes';
import { boxElement, boxElementId, markBox, routeElement, type BoxLook } from './boxView';
import { boxWords, type BoxWords } from './boxWords';
import { handleGraphKey } from './graphKeys';
import { graphLegend } from './graphLegend';
import { graphModel, openBoxes, shownBoxOfRow, type GraphModel } from './graphModel';
import { graphColumns, graphRows } from './graphTable';
import { graphZoom } from './graphZoom';
import type { GraphLayout, Place } from './layout';
import { t } from '../base/l10n';

/** What is on screen. */
interface Drawn {
  readonly step: StepModel;
  readonly model: GraphModel;
  readonly open: ReadonlySet<number>;
  readonly layout: GraphLayout;
  readonly visible: readonly Box[];
}

const colourNames: Readonly<Record<GraphColour, string>> = {
  choice: t('by choice'),
  memory: t('by memory'),
  device: t('by device'),
};

/** The modules of the model as boxes, with what they hand to each other; a box opens to show what is in it. */
export function graphPane(store: Store, heading: HTMLElement): Pane {
  const frames = svgEl('g', { role: 'presentation' });
  const flows = svgEl('g', { class: 'graph-flows', 'aria-hidden': 'true' });
  const boxes = svgEl('g', { role: 'presentation' });
  const ground = svgEl('g', { role: 'presentation' }, frames, flows, boxes);
  const svg = svgEl('svg', { class: 'graph-picture', role: 'presentation' }, ground);
  const chart = el(
    'div',
    {
      class: 'chart graph-chart',
      tabindex: '0',
      role: 'tree',
      'aria-label': t('Graph of modules'),
      'aria-orientation': 'horizontal',
      'aria-multiselectable': 'true',
    },
    svg,
  );
  const colourBy = el('select', { class: 'quiet-select', 'aria-label': t('Colour boxes by') });
  colourBy.append(...graphColours.map((colour) => el('option', { value: colour }, colourNames[colour])));
  colourBy.addEventListener('change', () => {
    const graphColour = graphColours.find((colour) => colour === colourBy.value);
    if (graphColour) store.updateUi({ graphColour });
  });
  const legend = graphLegend();
  const fit = el(
    'button',
    { class: 'quiet-button', type: 'button', title: t('Show the whole graph (0)') },
    t('Fit'),
  );
  const table = tableTwin(store, 'graph', t('Graph of modules'), graphColumns);
  const element = el(
    'section',
    { id: 'graph', class: 'pane', 'aria-label': t('Graph') },
    el(
      'div',
      { class: 'pane-title' },
      heading,
      colourBy,
      legend.element,
      el('div', { class: 'pane-tools' }, fit, table.toggle),
    ),
    chart,
    table.element,
  );
  let size: Size = observeSize(chart, (changed) => {
    size = changed;
    store.update({});
  });
  const zoom = graphZoom(svg, ground);
  let drawn: Drawn | undefined;
  let active = 0;
  /** What was selected by the pointer, of what was on screen: it stays below the pointer, for the next click. */
  let pointed: { readonly selected: readonly string[]; readonly of: Drawn } | undefined;
  const fitNow = (): void => {
    if (drawn) zoom.fit(drawn.layout, size);
  };
  fit.addEventListener('click', fitNow);

  const setOpen = (box: Box, isOpen: boolean): void => {
    if (!drawn) return;
    const open = new Set(drawn.open);
    if (isOpen) open.add(box.id);
    else open.delete(box.id);
    const { all } = drawn.model.boxes;
    store.updateUi({ graphOpen: [...open].filter((id) => id > 0).map((id) => all[id].key) });
  };
  const select = (box: Box, adds = false): void => {
    if (!drawn) return;
    const { layers } = drawn.step.tree;
    const keys = box.rows.map((row) => rowKey(layers[row]));
    active = box.id;
    const { selected } = store.state.ui;
    store.updateUi({ selected: adds ? [...selected.filter((key) => !keys.includes(key)), ...keys] : keys });
  };
  const boxUnder = (target: EventTarget | null): Box | undefined => {
    const of = target instanceof Element ? target.closest('[data-box]') : null;
    return of ? drawn?.model.boxes.all[Number(of.getAttribute('data-box'))] : undefined;
  };
  svg.addEventListener('click', (event) => {
    const box = boxUnder(event.target);
    if (!box || !drawn) return;
    const isToggle = event.target instanceof Element && event.target.closest('.box-toggle') !== null;
    if (isToggle) setOpen(box, !drawn.open.has(box.id));
    else {
      select(box, event.ctrlKey || event.metaKey);
      pointed = { selected: store.state.ui.selected, of: drawn };
    }
  });
  svg.addEventListener('dblclick', (event) => {
    const box = boxUnder(event.target);
    if (box && drawn && isOpenable(box)) setOpen(box, !drawn.open.has(box.id));
  });
  chart.addEventListener('keydown', (event) => {
    if (!drawn || event.ctrlKey || event.metaKey || event.altKey) return;
    const { model, visible, open } = drawn;
    const isKnown = handleGraphKey(
      event.key,
      { all: model.boxes.all, visible, open, active },
      { go: select, setOpen, zoom: zoom.by, fit: fitNow },
    );
    if (isKnown) event.preventDefault();
  });

  const modelOf = memoizeLast(graphModel);
  const decide = memoizeLast((step: StepModel, shown: ShownPlan, pins: readonly Decision[]) =>
    effectiveChoices(step.view.step, step.tree, shown.evaluation.directives, shown.decisions, pins),
  );
  const openOf = memoizeLast(openBoxes);
  const arrange = memoizeLast((step: StepModel, model: GraphModel, open: ReadonlySet<number>): Drawn => {
    const visible = visibleBoxes(model.boxes.all, open);
    return { step, model, open, layout: model.layout(open), visible };
  });
  const wordsFor = memoizeLast((step: StepModel, decisions: readonly RowDecision[]) => {
    const known = new Map<number, BoxWords>();
    return (box: Box): BoxWords => {
      let words = known.get(box.id);
      if (!words) known.set(box.id, (words = boxWords(step.tree, decisions, box)));
      return words;
    };
  });
  const drawnBoxes = new Map<number, { readonly key: string; readonly element: SVGGElement }>();
  /** A box that looks as before stays the element it was: a new one would lose the click that is under way on it. */
  const drawBox = (box: Box, place: Place, look: BoxLook): SVGGElement => {
    const key = JSON.stringify([box.key, place, look]);
    const known = drawnBoxes.get(box.id);
    if (known?.key === key) return known.element;
    const element = boxElement(box, place, look);
    drawnBoxes.set(box.id, { key, element });
    return element;
  };
  const draw = memoizeLast(
    ({ step, model, open, layout, visible }: Drawn, wordsOf: (box: Box) => BoxWords, colour: GraphColour) => {
      const most = Math.max(
        0,
        ...visible.filter(({ id }) => !open.has(id)).map((box) => wordsOf(box).keptBytes),
      );
      const { all } = model.boxes;
      const elements = visible.map((box) => {
        const words = wordsOf(box);
        const siblings = all[box.parent].children;
        return drawBox(box, layout.places.get(box.id)!, {
          words,
          colour,
          isOpen: open.has(box.id) && isOpenable(box),
          position: { of: siblings.indexOf(box.id) + 1, count: siblings.length },
          device: step.view.step.devices.indexOf(words.device),
          share: most > 0 ? Math.sqrt(words.keptBytes / most) : 0,
        });
      });
      const isFrame = (i: number): boolean => open.has(visible[i].id) && isOpenable(visible[i]);
      patchChildren(
        frames,
        elements.filter((_, i) => isFrame(i)),
      );
      patchChildren(
        boxes,
        elements.filter((_, i) => !isFrame(i)),
      );
      const drawnNow = new Set(visible.map(({ id }) => id));
      for (const id of [...drawnBoxes.keys()]) if (!drawnNow.has(id)) drawnBoxes.delete(id);
      return elements;
    },
  );
  const mark = memoizeLast(
    (
      { step, model, open, layout, visible }: Drawn,
      elements: readonly SVGGElement[],
      selected: readonly string[],
      activeBox: number,
    ) => {
      const chosen = new Set(rowsOfKeys(step.tree, selected).map(({ id }) => id));
      const holding = new Set([...chosen].map((row) => shownBoxOfRow(model, open, row)));
      visible.forEach((box, i) => {
        const isSelected = chosen.size > 0 && box.rows.every((row) => chosen.has(row));
        markBox(elements[i], {
          isActive: box.id === activeBox,
          selection: isSelected ? 'selected' : holding.has(box.id) ? 'inside' : 'none',
        });
      });
      flows.replaceChildren(
        ...layout.routes.map((route) =>
          routeElement(
            route,
            selected.length > 0 && (route.flow.from === activeBox || route.flow.to === activeBox),
          ),
        ),
      );
    },
  );
  const fillTable = memoizeLast((of: Drawn, wordsOf: (box: Box) => BoxWords) =>
    table.setRows(graphRows(of.visible, wordsOf, of.model.boxes.all, of.layout.routes)),
  );
  const showWindow = memoizeLast((of: Size) => setAttributes(svg, { width: of.width, height: of.height }));
  /** Another model begins anew. */
  const renew = memoizeLast((_layers: GraphModel) => zoom.forget());
  const begin = memoizeLast((of: Drawn, window: Size) => zoom.begin(of.layout, window));
  /** Another pane has selected something else: the graph goes there. */
  const follow = memoizeLast((selected: readonly string[], of: Drawn, window: Size) => {
    const [row] = rowsOfKeys(of.step.tree, selected.slice(-1));
    if (!row) return;
    const { all } = of.model.boxes;
    const box = shownBoxOfRow(of.model, of.open, row.id);
    if (box > 0 && !(all[active]?.rows ?? []).includes(row.id)) active = box;
    const place = of.layout.places.get(active);
    const isPointedAt = selected === pointed?.selected && of === pointed.of;
    if (place && !isPointedAt) zoom.reveal(place, window);
  });

  const render = (view: View): void => {
    const { step, shown, ui, inputs } = view;
    if (!step || !shown) return;
    const model = modelOf(step);
    drawn = arrange(step, model, openOf(model, ui.graphOpen));
    const wordsOf = wordsFor(step, decide(step, shown, inputs.pins));
    showWindow(size);
    renew(model);
    begin(drawn, size);
    follow(ui.selected, drawn, size);
    if (!drawn.layout.places.has(active)) active = drawn.visible[0]?.id ?? 0;
    mark(drawn, draw(drawn, wordsOf, ui.graphColour), ui.selected, active);
    chart.setAttribute('aria-activedescendant', boxElementId(active));
    colourBy.value = ui.graphColour;
    legend.show(ui.graphColour);
    if (ui.dragBudgetBytes === undefined) fillTable(drawn, wordsOf);
    table.show(ui.tables.includes('graph'));
  };
  return { element, render };
}
