import { csvText } from '../../planner-core/exporters/csv';
import type { ExportGroup } from '../../planner-core/exporters/targets';
import type { Plan } from '../../planner-core/plan/plan';
import { t } from '../base/l10n';
import type { Connection } from '../state/connection';
import type { MenuItem } from '../ui/menu';
import { panePicture } from './panePicture';

/** Of these there are pictures that do not depend on the window. */
const drawnElsewhere = ':not(#timeline, #frontier)';
const panes = `.pane${drawnElsewhere}, .drop-panel`;
const tables = '.table-twin table, .answer-table';

/** What is on screen, to be exported as it is: panes as pictures, tables as CSV. */
export function itemsAsShown(group: ExportGroup, plan: Plan | undefined, connection: Connection): MenuItem[] {
  if (group === 'pictures' && plan)
    return onScreen(panes).flatMap((pane) => pictureItems(pane, plan, connection));
  if (group === 'tables')
    return onScreen<HTMLTableElement>(tables).map((table) => tableItem(table, connection));
  return [];
}

function pictureItems(pane: HTMLElement, plan: Plan, connection: Connection): MenuItem[] {
  const name = pane.getAttribute('aria-label') ?? '';
  const suffix = suffixOf(name);
  const draw = (): string => panePicture(pane, name, plan);
  return [
    {
      label: t('{0}, as shown (SVG)', name),
      onSelect: () => connection.saveText(draw(), `${suffix}.svg`),
    },
    {
      label: t('{0}, as shown (PNG)', name),
      onSelect: () => void connection.saveAsPixels(draw(), `${suffix}.png`),
    },
  ];
}

function tableItem(table: HTMLTableElement, connection: Connection): MenuItem {
  const name = table.caption?.textContent ?? '';
  return {
    label: t('{0}, as shown (CSV)', name),
    onSelect: () => connection.saveText(tableCsv(table), `${suffixOf(name)}.csv`),
  };
}

/** The texts of a table's cells, each row a line. */
export function tableCsv({ rows }: HTMLTableElement): string {
  const [head = [], ...body] = [...rows].map((row) =>
    [...row.cells].map(({ textContent }) => textContent.replace(/\s+/g, ' ').trim()),
  );
  return csvText(head, body);
}

const onScreen = <E extends HTMLElement>(selector: string): E[] =>
  [...document.querySelectorAll<E>(selector)].filter((element) => element.getClientRects().length > 0);

/** A name as the end of a file's: `.plans-by-seq`. */
const suffixOf = (name: string): string =>
  `.${name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')}`;
