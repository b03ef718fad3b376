import type { Choice, Decision } from '../../planner-core/plan/plan';
import type { LayerRow } from '../../planner-core/session/types';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { observeSize, type Size } from '../base/size';
import type { Connection } from '../state/connection';
import { rowKey, rowsOfKeys, targetOf } from '../state/layerTree';
import type { ShownPlan } from '../state/shownPlan';
import type { Store } from '../state/store';
import type { Pane, StepModel, View } from '../state/view';
import { textField } from '../ui/controls';
import { counted } from '../ui/names';
import { holdsCheckpointable, reasonAgainst } from './choiceRules';
import { effectiveChoices, type RowDecision } from './effectiveChoice';
import { parseFilter } from './filter';
import { handleKey, type TableCommands } from './keyboard';
import { RowView, rowHeight, type RowActions, type RowContent } from './rowView';
import { changedSelection, type SelectMode } from './selection';
import { defaultExpanded, expandedRows, filteredRows } from './visibleRows';

const columns = ['Layer', 'Kept for backward', 'Time', 'Choice', 'Device', 'Output'];
/** Rows drawn beyond each end of the viewport, so that scrolling shows no gaps. */
const overscan = 4;

/** What the table shows of a view, computed together. */
interface Table {
  readonly step: StepModel;
  readonly rows: readonly number[];
  readonly keys: readonly string[];
  readonly expanded: ReadonlySet<string>;
  readonly decisions: readonly RowDecision[];
}

/** The layer tree: what every module and operator keeps and takes, and what is decided for it. Rows are virtual. */
export function layersPane(store: Store, connection: Connection): Pane {
  const body = el('div', { class: 'rows', role: 'rowgroup' });
  const head = el(
    'div',
    { class: 'row row-head', role: 'row', 'aria-rowindex': '1' },
    ...columns.map((name) => el('div', { class: 'cell', role: 'columnheader' }, name)),
  );
  const grid = el(
    'div',
    {
      class: 'treegrid',
      role: 'treegrid',
      tabindex: '0',
      'aria-label': 'Layers',
      'aria-multiselectable': 'true',
    },
    el('div', { role: 'rowgroup', class: 'head-group' }, head),
    body,
  );
  const filter = textField({
    label: 'Filter layers by name, type, kept:>50MiB, is:pinned, is:recompute',
    size: 28,
    placeholder: 'Filter, e.g. attn kept:>50MiB',
    onInput: (text) => store.updateUi({ filter: text }),
  });
  const count = el('span', { class: 'muted', role: 'status' });
  const release = el('button', { class: 'quiet-button', type: 'button' });
  release.addEventListener('click', () => connection.edit({ kind: 'clear-pins' }));
  const element = el(
    'section',
    { id: 'layers', class: 'pane', 'aria-label': 'Layers' },
    el('div', { class: 'pane-title' }, el('h2', {}, 'Layers'), filter.element, count, release),
    grid,
  );

  let view: View | undefined;
  let table: Table | undefined;
  let size: Size = observeSize(grid, (changed) => {
    size = changed;
    drawRows();
  });
  grid.addEventListener('scroll', () => drawRows());

  const rowAt = (position: number): LayerRow | undefined => table?.step.tree.layers[table.rows[position]];
  const activeKey = (): string | undefined => view?.ui.selected.at(-1);
  const activePosition = (): number => table?.keys.indexOf(activeKey() ?? '') ?? -1;

  const setExpanded = (row: LayerRow, open: boolean): void => {
    if (!table) return;
    const expanded = new Set(table.expanded);
    if (open) expanded.add(rowKey(row));
    else expanded.delete(rowKey(row));
    store.updateUi({ expanded: [...expanded] });
  };
  const select = (position: number, mode: SelectMode): void => {
    if (!table || !view) return;
    const at = Math.min(Math.max(position, 0), table.keys.length - 1);
    if (at < 0) return;
    store.updateUi({ selected: changedSelection(view.ui.selected, table.keys[at], mode, table.keys) });
    scrollTo(at);
  };
  const scrollTo = (position: number): void => {
    const top = position * rowHeight;
    const visible = size.height - rowHeight;
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top + rowHeight > grid.scrollTop + visible) grid.scrollTop = top + rowHeight - visible;
  };

  /** A change of a selected row is meant for the whole selection. */
  const targetsOf = (row: LayerRow): LayerRow[] => {
    const selected = view?.ui.selected ?? [];
    if (!table || !selected.includes(rowKey(row))) return [row];
    return rowsOfKeys(table.step.tree, selected);
  };
  const choose = (row: LayerRow, choice: Choice | undefined): void => {
    if (!table || !view) return;
    const holds = checkpointable(table.step);
    const { strategy } = view.inputs;
    const allowed = targetsOf(row).filter(
      (target) => choice === undefined || !reasonAgainst(target, choice, strategy, holds[target.id] === 1),
    );
    if (allowed.length > 0) connection.edit({ kind: 'choice', targets: allowed.map(targetOf), choice });
  };
  const rowActions: RowActions = {
    toggle: (position) => {
      const row = rowAt(position);
      if (row) setExpanded(row, !table?.expanded.has(rowKey(row)));
    },
    choose: (position, choice) => {
      const row = rowAt(position);
      if (row) choose(row, choice);
    },
    place: (position, device) => {
      const row = rowAt(position);
      if (row) connection.edit({ kind: 'device', targets: targetsOf(row).map(targetOf), device });
    },
  };
  const commands: TableCommands = {
    move: (by, extend) => select(Math.max(activePosition(), by > 0 ? -1 : 1) + by, extend ? 'range' : 'only'),
    moveTo: (end) => select(end === 'first' ? 0 : Infinity, 'only'),
    pageRows: () => Math.max(1, Math.floor(size.height / rowHeight) - 2),
    collapse: () => {
      const row = rowAt(activePosition());
      if (!row || !table) return;
      if (table.expanded.has(rowKey(row))) setExpanded(row, false);
      else if (row.parent >= 0) select(table.rows.indexOf(row.parent), 'only');
    },
    expand: () => {
      const row = rowAt(activePosition());
      if (!row || !table || table.step.tree.children[row.id].length === 0) return;
      if (table.expanded.has(rowKey(row))) select(activePosition() + 1, 'only');
      else setExpanded(row, true);
    },
    choose: (choice) => {
      const row = rowAt(activePosition());
      if (row) choose(row, choice);
    },
    enterRow: () =>
      views
        .get(activePosition())
        ?.element.querySelector<HTMLElement>('[data-choice]:not([disabled])')
        ?.focus(),
    leaveRow: () => grid.focus(),
  };
  grid.addEventListener('keydown', (event) => handleKey(event, grid, commands));
  body.addEventListener('click', (event) => {
    const position = positionOf(event.target);
    // A click on a control of a row is for the control; it must not change what the control applies to.
    if (position < 0 || (event.target instanceof Element && event.target.closest('button, select'))) return;
    select(position, event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'only');
  });
  body.addEventListener('dblclick', (event) => {
    const position = positionOf(event.target);
    if (position >= 0 && !(event.target instanceof Element && event.target.closest('button, select'))) {
      rowActions.toggle(position);
    }
  });

  /** Elements by position; those that scroll out of sight are used for those that scroll in. */
  const views = new Map<number, RowView>();
  const positionOf = (target: EventTarget | null): number => {
    const index =
      target instanceof Element ? target.closest('[role="row"]')?.getAttribute('aria-rowindex') : null;
    return index === null || index === undefined ? -1 : Number(index) - 2;
  };
  const drawRows = (): void => {
    if (!table || !view) return;
    const first = Math.max(0, Math.floor(grid.scrollTop / rowHeight) - overscan);
    const last = Math.min(
      table.rows.length,
      Math.ceil((grid.scrollTop + size.height) / rowHeight) + overscan,
    );
    const spare: RowView[] = [];
    for (const [position, rowView] of views) {
      if (position >= first && position < last) continue;
      views.delete(position);
      spare.push(rowView);
    }
    const contentOf = contentMaker(table, view);
    for (let position = first; position < last; position++) {
      let rowView = views.get(position);
      if (!rowView) {
        rowView = spare.pop() ?? new RowView(rowActions);
        views.set(position, rowView);
        body.append(rowView.element);
      }
      rowView.update(contentOf(position));
    }
    for (const { element: unused } of spare) unused.remove();
    const active = rowAt(activePosition());
    if (active) grid.setAttribute('aria-activedescendant', `layer-row-${active.id}`);
    else grid.removeAttribute('aria-activedescendant');
  };

  const checkpointable = memoizeLast((step: StepModel) => holdsCheckpointable(step.tree));
  const contentMaker = (of: Table, { ui, inputs }: View): ((position: number) => RowContent) => {
    const { tree } = of.step;
    const holds = checkpointable(of.step);
    const selected = new Set(ui.selected);
    const hoveredOperator = ui.hoverNode === undefined ? -1 : tree.rowOfNode[ui.hoverNode];
    return (position) => {
      const row = tree.layers[of.rows[position]];
      const module = row.kind === 'module';
      const mostBytes = module ? tree.totalSavedBytes : tree.largestOperatorSavedBytes;
      const mostMs = module ? tree.totalMs : tree.largestOperatorMs;
      const reason = (choice: Choice): string | undefined =>
        reasonAgainst(row, choice, inputs.strategy, holds[row.id] === 1);
      return {
        row,
        position,
        depth: tree.depth[row.id],
        expanded: tree.children[row.id].length > 0 ? of.expanded.has(of.keys[position]) : undefined,
        selected: selected.has(of.keys[position]),
        active: ui.selected.at(-1) === of.keys[position],
        hovered: row.id === hoveredOperator,
        decision: of.decisions[row.id],
        keptShare: mostBytes > 0 ? row.savedBytes / mostBytes : 0,
        forwardShare: mostMs > 0 ? row.forwardMs / mostMs : 0,
        backwardShare: mostMs > 0 ? row.backwardMs / mostMs : 0,
        devices: inputs.devices,
        blocked: { keep: reason('keep'), recompute: reason('recompute'), offload: reason('offload') },
      };
    };
  };

  const decide = memoizeLast((step: StepModel, shown: ShownPlan, pins: readonly Decision[]) =>
    effectiveChoices(step.view.step, step.tree, shown.evaluation.directives, shown.decisions, pins),
  );
  const openByDefault = memoizeLast((step: StepModel) => defaultExpanded(step.tree));
  const tabulate = memoizeLast(
    (
      step: StepModel,
      decisions: readonly RowDecision[],
      open: readonly string[],
      filterText: string,
    ): Table => {
      const expanded = new Set(open);
      const { tree } = step;
      const matches = parseFilter(filterText);
      const rows = matches
        ? filteredRows(tree, (row) => matches({ row, ...decisions[row.id] }))
        : expandedRows(tree, expanded);
      return { step, rows, keys: rows.map((row) => rowKey(tree.layers[row])), expanded, decisions };
    },
  );
  return {
    element,
    render(next) {
      view = next;
      const { step, shown, ui, inputs } = next;
      element.classList.toggle('is-waiting', !step);
      filter.update(ui.filter);
      release.hidden = inputs.pins.length === 0;
      release.textContent = `Release ${counted(inputs.pins.length, 'pin')}`;
      if (!step || !shown) return;
      table = tabulate(step, decide(step, shown, inputs.pins), ui.expanded ?? openByDefault(step), ui.filter);
      count.textContent = ui.filter ? counted(table.rows.length, 'row') : '';
      grid.setAttribute('aria-rowcount', String(table.rows.length + 1));
      body.style.height = `${table.rows.length * rowHeight}px`;
      drawRows();
    },
  };
}
