import type { Choice, Decision } from '../../planner-core/plan/plan';
import type { LayerRow } from '../../planner-core/session/types';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { OtherPlan } from '../state/comparedWith';
import type { Connection } from '../state/connection';
import { isFreezable, toggledFrozen } from '../state/frozen';
import { rowKey, rowsOfKeys, targetOf } from '../state/layerTree';
import { callOf } from '../state/recognised';
import type { ShownPlan } from '../state/shownPlan';
import type { MeasuredModel } from '../state/measured';
import type { Store } from '../state/store';
import type { Sorting } from '../state/uiState';
import type { Pane, StepModel, View } from '../state/view';
import { textField } from '../ui/controls';
import { startLayerDrag } from '../ui/layerDrag';
import { counted } from '../ui/names';
import { holdsCheckpointable, reasonAgainst } from './choiceRules';
import { colocations, movesTogether, runsOnly } from './deviceLimits';
import { effectiveChoices, type RowDecision } from './effectiveChoice';
import { parseFilter, type Filter } from './filter';
import { filterHelp } from './filterHelp';
import { handleKey } from './keyboard';
import { layerDifferences } from './layerDifferences';
import { opens, rowContents, type Table } from './rowContent';
import type { RowActions } from './rowView';
import { changedSelection, type SelectMode } from './selection';
import { nothingMatches } from './nothingMatches';
import { refusal } from './refusal';
import { nextSorting, orderOf } from './sorting';
import { swapCosts } from './swapCosts';
import { tableHead } from './tableHead';
import { VirtualRows } from './virtualRows';
import { defaultExpanded, expandedRows, filteredRows, wantedRows } from './visibleRows';
import { t } from '../base/l10n';

/** The layer tree: what every module and operator keeps and takes, and what is decided for it. Rows are virtual. */
export function layersPane(store: Store, connection: Connection, heading: HTMLElement): Pane {
  const body = el('div', { class: 'rows', role: 'rowgroup' });
  const head = tableHead((column) =>
    store.updateUi({ sorting: nextSorting(store.state.ui.sorting, column) }),
  );
  const grid = treegrid(head.element, body);
  const filter = textField({
    label: t('Filter layers by name, type:conv, kept:>50MiB, device:gpu1, is:pinned, is:recompute'),
    size: 28,
    placeholder: t('Filter, e.g. attn kept:>50MiB'),
    onInput: (text) => store.updateUi({ filter: text, closedWhileFiltered: [] }),
  });
  const count = el('span', { class: 'muted', role: 'status' });
  const nothing = nothingMatches(() => {
    store.updateUi({ filter: '', closedWhileFiltered: [] });
    // The button goes away; the focus stays with what it was about.
    grid.focus();
  });
  const help = filterHelp();
  const refused = refusal();
  const release = el('button', { class: 'quiet-button', type: 'button' });
  release.addEventListener('click', () => connection.edit({ kind: 'clear-pins' }));
  const measuredToggle = el('button', { class: 'quiet-button', type: 'button', hidden: true }, t('Measured'));
  measuredToggle.addEventListener('click', () =>
    store.updateUi({ hidesMeasured: view?.measured !== undefined }),
  );
  const element = el(
    'section',
    { id: 'layers', class: 'pane', 'aria-label': t('Layers') },
    el('div', { class: 'pane-title' }, heading, filter.element, count, measuredToggle, release),
    help.element,
    grid,
    nothing.element,
    refused.element,
  );

  let view: View | undefined;
  let table: Table | undefined;
  const rowAt = (position: number): LayerRow | undefined => table?.step.tree.layers[table.rows[position]];
  const activePosition = (): number => table?.keys.indexOf(view?.ui.selected.at(-1) ?? '') ?? -1;

  const setExpanded = (row: LayerRow, open: boolean): void => {
    if (!table || !view) return;
    const { closedWhileFiltered: closed } = view.ui;
    const key = rowKey(row);
    if (table.wanted) {
      const others = closed.filter((other) => other !== key);
      store.updateUi({ closedWhileFiltered: open ? others : [...others, key] });
      return;
    }
    const expanded = new Set(table.expanded);
    if (open) expanded.add(key);
    else expanded.delete(key);
    store.updateUi({ expanded: [...expanded] });
  };
  const select = (position: number, mode: SelectMode): void => {
    if (!table || !view || table.keys.length === 0) return;
    const at = Math.min(Math.max(position, 0), table.keys.length - 1);
    store.updateUi({ selected: changedSelection(view.ui.selected, table.keys[at], mode, table.keys) });
    virtual.scrollIntoView(at);
  };
  /** A change of a selected row is meant for the whole selection. */
  const affectedBy = (row: LayerRow): LayerRow[] => {
    const selected = view?.ui.selected ?? [];
    return table && selected.includes(rowKey(row)) ? rowsOfKeys(table.step.tree, selected) : [row];
  };
  const choose = (row: LayerRow, choice: Choice | undefined): void => {
    if (!table || !view) return;
    const { strategy } = view.inputs;
    const holds = table.holdsCheckpointable;
    const affected = affectedBy(row).map((target) => ({
      target,
      reason: choice && reasonAgainst(target, choice, strategy, holds[target.id] === 1),
    }));
    const allowed = affected.filter(({ reason }) => !reason).map(({ target }) => targetOf(target));
    refused.show(view.ui.selected, affected);
    if (allowed.length > 0) connection.edit({ kind: 'choice', targets: allowed, choice });
  };
  const freeze = (row: LayerRow): void => {
    if (!view) return;
    const { mode, frozen } = view.inputs.workload;
    const names = affectedBy(row)
      .filter(isFreezable)
      .map(({ name }) => name);
    if (mode === 'inference' || names.length === 0) return;
    connection.edit({ kind: 'workload', changes: { frozen: toggledFrozen(frozen, names) } });
  };
  const rowActions: RowActions = {
    toggle(position) {
      const row = rowAt(position);
      if (row) setExpanded(row, !table?.expanded.has(rowKey(row)));
    },
    choose(position, choice) {
      const row = rowAt(position);
      if (row) choose(row, choice);
    },
    freeze(position) {
      const row = rowAt(position);
      if (row) freeze(row);
    },
    place(position, device) {
      const row = rowAt(position);
      if (row) connection.edit({ kind: 'device', targets: affectedBy(row).map(targetOf), device });
    },
  };
  const virtual = new VirtualRows(grid, body, rowActions);

  grid.addEventListener('keydown', (event) =>
    handleKey(event, grid, {
      move(by, extend) {
        const from = activePosition();
        select(from < 0 && by < 0 ? 0 : from + by, extend ? 'range' : 'only');
      },
      moveTo: (end) => select(end === 'first' ? 0 : Infinity, 'only'),
      pageRows: () => virtual.pageRows,
      collapse() {
        const row = rowAt(activePosition());
        if (!row || !table) return;
        if (opens(table, row.id) && table.expanded.has(rowKey(row))) setExpanded(row, false);
        else if (row.parent >= 0) select(table.rows.indexOf(row.parent), 'only');
      },
      expand() {
        const row = rowAt(activePosition());
        if (!row || !table || !opens(table, row.id)) return;
        if (table.expanded.has(rowKey(row))) select(activePosition() + 1, 'only');
        else setExpanded(row, true);
      },
      choose(choice) {
        const row = rowAt(activePosition());
        if (row) choose(row, choice);
      },
      freeze: () => rowActions.freeze(activePosition()),
      enterRow() {
        const control = '[data-choice]:not([disabled]), select:not([hidden])';
        virtual.elementAt(activePosition())?.querySelector<HTMLElement>(control)?.focus();
      },
      leaveRow: () => grid.focus(),
      enterDevice() {
        const control = '.device-select:not([hidden])';
        virtual.elementAt(activePosition())?.querySelector<HTMLElement>(control)?.focus();
      },
    }),
  );
  body.addEventListener('dragstart', (event) => {
    const row = rowAt(virtual.positionOf(event.target));
    if (row) startLayerDrag(event, affectedBy(row).map(targetOf));
  });
  body.addEventListener('pointermove', (event) => {
    if (!view || view.devices.length < 2) return;
    const row = rowAt(virtual.positionOf(event.target));
    const hoverRow = row && rowKey(row);
    if (hoverRow !== view.ui.hoverRow) store.updateUi({ hoverRow });
  });
  body.addEventListener('pointerleave', () => {
    if (view?.ui.hoverRow !== undefined) store.updateUi({ hoverRow: undefined });
  });
  body.addEventListener('click', (event) => {
    const position = virtual.positionOf(event.target);
    // A click on a control of a row is for the control; it must not change what the control applies to.
    if (position < 0 || isControl(event.target)) return;
    select(position, event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'only');
  });
  body.addEventListener('dblclick', (event) => {
    const position = virtual.positionOf(event.target);
    if (position >= 0 && !isControl(event.target)) rowActions.toggle(position);
  });

  const decide = memoizeLast((step: StepModel, shown: ShownPlan, pins: readonly Decision[]) =>
    effectiveChoices(step.view.step, step.tree, shown.evaluation.directives, shown.decisions, pins),
  );
  const differIn = memoizeLast(
    ({ tree }: StepModel, decisions: readonly RowDecision[], other: OtherPlan | undefined) =>
      other && layerDifferences(tree, decisions, other),
  );
  const openByDefault = memoizeLast((step: StepModel) => defaultExpanded(step.tree));
  const swapsIn = memoizeLast(
    ({ tree }: StepModel, offload: ShownPlan['offload']) => offload && swapCosts(tree, offload),
  );
  const holdsIn = memoizeLast((step: StepModel) => holdsCheckpointable(step.tree));
  const limitsIn = memoizeLast(({ view: { step }, tree }: StepModel) => ({
    together: movesTogether(tree, colocations(step, tree)),
    runsOn: runsOnly(step, tree),
  }));
  const filterOf = memoizeLast(parseFilter);
  const tabulate = memoizeLast(
    (
      step: StepModel,
      decisions: readonly RowDecision[],
      open: readonly string[],
      { matches }: Filter,
      closed: readonly string[],
      sorting: Sorting | undefined,
      measured: MeasuredModel | undefined,
      swaps: Table['swaps'],
      differences: Table['differences'],
    ): Table => {
      const { tree } = step;
      const expanded = matches ? new Set(tree.keys) : new Set(open);
      if (matches) for (const key of closed) expanded.delete(key);
      const order = orderOf(tree, sorting, measured);
      const wanted =
        matches &&
        wantedRows(tree, (row) => {
          const changed = differences?.changed[row.id] === 1;
          return matches({ row, call: callOf(step.recognitions, row), changed, ...decisions[row.id] });
        });
      const rows = wanted ? filteredRows(tree, wanted, expanded, order) : expandedRows(tree, expanded, order);
      const keys = rows.map((row) => tree.keys[row]);
      const holds = holdsIn(step);
      const { together, runsOn } = limitsIn(step);
      const limits = { holdsCheckpointable: holds, together, runsOn };
      return { step, rows, keys, expanded, wanted, decisions, differences, swaps, ...limits };
    },
  );
  const showTitle = memoizeLast((filterText: string, parsed: Filter, rows: number, pins: number) => {
    filter.update(filterText);
    count.textContent = parsed.matches ? counted(rows, 'row') : '';
    nothing.show(filterText, parsed, rows);
    release.hidden = pins === 0;
    release.textContent = t('Release {0}', counted(pins, 'pin'));
  });
  const showActive = memoizeLast((row: number | undefined) => {
    if (row === undefined) grid.removeAttribute('aria-activedescendant');
    else grid.setAttribute('aria-activedescendant', `layer-row-${row}`);
  });
  return {
    element,
    render(next) {
      view = next;
      const { step, shown, ui, inputs } = next;
      if (!step || !shown) return;
      const decisions = decide(step, shown, inputs.pins);
      const swaps = swapsIn(step, shown.offload);
      const differences = differIn(step, decisions, next.other);
      const open = ui.expanded ?? openByDefault(step);
      const { devices } = step.view.step;
      const parsed = filterOf(ui.filter, devices);
      help.show(parsed, devices);
      table = tabulate(
        step,
        decisions,
        open,
        parsed,
        ui.closedWhileFiltered,
        ui.sorting,
        next.measured,
        swaps,
        differences,
      );
      head.show(ui.sorting);
      measuredToggle.hidden = next.host.measured === undefined;
      measuredToggle.setAttribute('aria-pressed', String(next.measured !== undefined));
      grid.classList.toggle('has-measured', next.measured !== undefined);
      grid.classList.toggle('has-devices', devices.length > 1);
      // One pair of columns more is what there is room for.
      grid.classList.toggle('has-swap', swaps !== undefined && next.measured === undefined);
      showTitle(ui.filter, parsed, table.rows.length, inputs.pins.length);
      showActive(rowAt(activePosition())?.id);
      refused.forget(ui.selected);
      grid.setAttribute('aria-rowcount', String(table.rows.length + 1));
      virtual.draw(table.rows.length, rowContents(table, next));
    },
  };
}

function treegrid(head: HTMLElement, body: HTMLElement): HTMLElement {
  return el(
    'div',
    {
      class: 'treegrid',
      role: 'treegrid',
      tabindex: '0',
      'aria-label': t('Layers'),
      'aria-multiselectable': 'true',
    },
    el('div', { role: 'rowgroup', class: 'head-group' }, head),
    body,
  );
}

const isControl = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('button, select') !== null;
