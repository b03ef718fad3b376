import { damaged } from './damaged';
import type { MeasuredCall, MeasuredRun } from './measuredRun';

const columns = ['name', 'ms', 'backward_ms', 'bytes'] as const;
type Column = (typeof columns)[number];
const maxRows = 200_000;

/**
 * Reads a table: a line of column names (`name`, then any of `ms`, `backward_ms`, `bytes`), and a line for each layer. Names are those of
 * the layer tree; quotes as in RFC 4180. Throws 'bad-measurements' naming the line that is wrong.
 */
export function readCsv(text: string, file: string): MeasuredRun {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const header = cells(lines[0], 1).map((name) => name.trim().toLowerCase());
  const at = (column: Column): number => header.indexOf(column);
  if (at('name') < 0 || (at('ms') < 0 && at('bytes') < 0))
    throw damaged('The file is neither a trace nor a table with columns "name" and "ms" or "bytes"');
  const unknown = header.find((name) => !(columns as readonly string[]).includes(name));
  if (unknown !== undefined) throw damaged(`The table has a column "${unknown}"`);
  if (lines.length > maxRows) throw damaged(`The table has more than ${maxRows} lines`);
  const calls: MeasuredCall[] = [];
  for (let line = 1; line < lines.length; line++) {
    if (lines[line].trim() === '') continue;
    const values = cells(lines[line], line + 1);
    const name = values[at('name')]?.trim() ?? '';
    if (name === '') throw damaged(`Line ${line + 1} names no layer`);
    const read = (column: Column): number | undefined => amount(values[at(column)], column, line + 1);
    const [ms, backwardMs, heldBytes] = [read('ms'), read('backward_ms'), read('bytes')];
    calls.push({ name, phase: 'forward', ms: ms ?? NaN, heldBytes });
    if (backwardMs !== undefined) calls.push({ name, phase: 'backward', ms: backwardMs });
  }
  if (calls.length === 0) throw damaged('The table has no lines below its header');
  return { file, source: 'csv', steps: [calls] };
}

function amount(text: string | undefined, column: string, line: number): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0)
    throw damaged(`Line ${line}: ${column} is "${text.trim()}", not a number of at least 0`);
  return value;
}

function cells(line: string, number: number): string[] {
  const values: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const found = cell.exec(line);
    if (!found) throw damaged(`Line ${number} is not comma-separated values`);
    values.push(found[1] === undefined ? found[2] : found[1].replaceAll('""', '"'));
    if (found[3] === '') return values;
  }
}
