import { csvText } from '../../planner-core/exporters/csv';
import type { Plan } from '../../planner-core/plan/plan';
import type { ShownForm, ShownThings } from '../../planner-core/protocol/shownThings';
import type { Connection } from '../state/connection';
import { panePicture } from './panePicture';

/** Of these there are pictures that do not depend on the window. */
const drawnElsewhere = ':not(#timeline, #frontier)';
const panes = `.pane${drawnElsewhere}, .drop-panel`;
const tables = '.table-twin table, .answer-table';

/** What is on screen, by the names it has there. Pictures say which plan they are of: without one there are none. */
export const shownThings = (plan: Plan | undefined): ShownThings => ({
  pictures: plan ? onScreen(panes).map(nameOfPane) : [],
  tables: onScreen<HTMLTableElement>(tables).map(nameOfTable),
});

/** Offers something of `shownThings` as a file. What has left the screen meanwhile is not saved. */
export function saveShown(
  name: string,
  form: ShownForm,
  plan: Plan | undefined,
  connection: Pick<Connection, 'saveText' | 'saveAsPixels'>,
): void {
  const suffix = `${suffixOf(name)}.${form}`;
  if (form === 'csv') {
    const table = onScreen<HTMLTableElement>(tables).find((one) => nameOfTable(one) === name);
    if (table) connection.saveText(tableCsv(table), suffix);
    return;
  }
  const pane = onScreen(panes).find((one) => nameOfPane(one) === name);
  if (!pane || !plan) return;
  const svg = panePicture(pane, name, plan);
  if (form === 'svg') connection.saveText(svg, suffix);
  else void connection.saveAsPixels(svg, suffix);
}

const nameOfPane = (pane: HTMLElement): string => pane.getAttribute('aria-label') ?? '';
const nameOfTable = ({ caption }: HTMLTableElement): string => caption?.textContent ?? '';

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
