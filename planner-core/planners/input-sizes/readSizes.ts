import { badSizes, distributionOf, type SizeDistribution, type WrittenSize } from './sizeDistribution';
import type { DimensionSample } from './fittedDimensions';
import { isSizesJson, readSizesJson } from './readSizesJson';

/** The dimensions of a model that sizes can be of. */
export interface SizedDimensions {
  /** In the order of the inputs. */
  readonly names: readonly string[];
  /** Those that depend on data: a table may say what they were. */
  readonly dependent?: readonly string[];
  /** What the program was exported for, by name. */
  readonly ranges?: ReadonlyMap<string, { readonly least: number; readonly most: number }>;
}

/** What a text of sizes says: dimensions where it names them, and sizes. */
export interface SizesInText {
  readonly dimensions?: readonly string[];
  readonly written: readonly WrittenSize[];
  readonly isTrace: boolean;
  readonly samples?: readonly DimensionSample[];
}

const mostLines = 5_000_000;
const separator = '[x×*]';
const number = '-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?';
const oneSize = new RegExp(
  `^(${number}(?:${separator}${number})*)(?:\\s*[:=]\\s*(${number})\\s*(%)?)?$`,
  'i',
);
const onePercentile = new RegExp(`^p(\\d+(?:\\.\\d+)?)\\s*[:=]\\s*(${number})$`, 'i');
const weightColumn = /^(count|weight|share|batches|frequency)$/i;

/**
 * Reads the sizes that inputs come in. Forms: a histogram (`128:0.3 256:0.5`, `224x320:4`), batch after batch (a number a
 * line), percentiles (`p50:128 p99:512`), a table with a line of column names, JSON (numbers, lists of tokens, an object
 * from size to weight) and JSON lines. `dimensions`: what the sizes are of; else what a table's header names; else the
 * sequence, or height and width. Throws 'bad-sizes' naming the line.
 */
export function readSizes(
  text: string,
  model: SizedDimensions,
  dimensions?: readonly string[],
): SizeDistribution {
  const clean = text.replace(/^\ufeff/, '');
  if (clean.trim() === '') throw badSizes('There are no sizes.', 'Write some, e.g. 128:0.3 256:0.5.');
  if (model.names.length === 0)
    throw badSizes('The model has no named dimension that could change.', 'Export it with dynamic axes.');
  const wanted = dimensions && knownDimensions(dimensions, model.names);
  const read = isSizesJson(clean) ? readSizesJson(clean, model.names) : readLines(clean, model, wanted);
  const names = wanted ?? read.dimensions ?? usualDimensions(model.names, read.written[0]?.size.length ?? 1);
  const distribution = distributionOf(names, read.written, read.isTrace, model.ranges);
  return read.samples ? { ...distribution, samples: read.samples } : distribution;
}

function knownDimensions(dimensions: readonly string[], names: readonly string[]): readonly string[] {
  const unknown = dimensions.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw badSizes(`The model has no dimension "${unknown}".`, `Dimensions: ${names.join(', ')}.`);
  if (dimensions.length === 0 || new Set(dimensions).size < dimensions.length)
    throw badSizes('The dimensions are named twice, or not at all.', `Dimensions: ${names.join(', ')}.`);
  return dimensions;
}

/** The sequence where the sizes are single numbers, height and width where they are pairs, else what comes first. */
export function usualDimensions(names: readonly string[], count: number): readonly string[] {
  const notBatch = names.filter((name) => !/batch|^b$|^n$/i.test(name));
  const sequence = notBatch.find((name) => /seq|time|len|token|^t$|^s$/i.test(name));
  if (count === 1 && sequence !== undefined) return [sequence];
  const usual = [...notBatch, ...names.filter((name) => !notBatch.includes(name))];
  if (usual.length < count)
    throw badSizes(
      `The sizes have ${count} numbers, the model ${names.length} dimensions (${names.join(', ')}).`,
    );
  return usual.slice(0, count);
}

function readLines(
  text: string,
  { names, dependent = [] }: SizedDimensions,
  wanted: readonly string[] | undefined,
): SizesInText {
  const lines = text.split(/\r?\n/);
  if (lines.length > mostLines)
    throw badSizes(`There are more than ${mostLines} lines.`, 'Give a histogram.');
  const first = lines.findIndex((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  const header = cells(lines[first] ?? '');
  if (header.some((cell) => /^[a-z_]/i.test(cell) && !onePercentile.test(cell) && !/^p\d/i.test(cell)))
    return readTable(lines, first, header, { names, dependent }, wanted);
  const entries = lines.flatMap((line, i) =>
    line.trim().startsWith('#')
      ? []
      : line
          .replace(/\s*([:=x×*])\s*/gi, '$1')
          .split(/[\s,;]+/)
          .filter((entry) => entry !== '')
          .map((entry) => ({ entry, line: i + 1 })),
  );
  if (entries.some(({ entry }) => /^p\d/i.test(entry))) return readPercentiles(entries);
  const written = entries.map(({ entry, line }): WrittenSize & { hasWeight: boolean } => {
    const found = oneSize.exec(entry);
    if (!found)
      throw badSizes(
        `Line ${line}: "${entry.slice(0, 40)}" is no size.`,
        'Write 128, 128:0.3 or 224x320:0.3.',
      );
    const size = found[1].split(new RegExp(separator, 'i')).map(Number);
    const weight = found[2] === undefined ? 1 : Number(found[2]) / (found[3] ? 100 : 1);
    return { size, weight, line, hasWeight: found[2] !== undefined };
  });
  const weighted = written.find(({ hasWeight }) => hasWeight);
  const bare = written.find(({ hasWeight }) => !hasWeight);
  if (weighted && bare)
    throw badSizes(
      `Line ${bare.line} has no weight, line ${weighted.line} has one.`,
      'Give one to every size, or to none.',
    );
  return { written, isTrace: weighted === undefined };
}

const cells = (line: string): string[] =>
  line.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));

function readTable(
  lines: readonly string[],
  first: number,
  header: readonly string[],
  { names, dependent = [] }: SizedDimensions,
  wanted: readonly string[] | undefined,
): SizesInText {
  const weightAt = header.findIndex((cell) => weightColumn.test(cell));
  const sizeColumns = header.filter((cell, i) => i !== weightAt && !dependent.includes(cell));
  const known = dependent.filter((name) => header.includes(name));
  const samples: DimensionSample[] = [];
  const named = wanted ?? sizeColumns.filter((cell) => names.includes(cell));
  // A single column of another name has the sizes all the same.
  const isOnly = named.every((name) => !header.includes(name)) && sizeColumns.length === 1;
  const columns = isOnly ? [header.indexOf(sizeColumns[0])] : named.map((name) => header.indexOf(name));
  if (columns.length === 0 || columns.includes(-1))
    throw badSizes(
      `The columns are ${header.join(', ')}; none is named as ${(wanted ?? names).join(', ')}.`,
      'Name the columns as the model names its dimensions.',
    );
  const written: WrittenSize[] = [];
  for (let i = first + 1; i < lines.length; i++) {
    if (lines[i].trim() === '') continue;
    const values = cells(lines[i]);
    const read = (column: number): number => {
      const value = values[column] ?? '';
      if (value === '' || Number.isNaN(Number(value)))
        throw badSizes(`Line ${i + 1}: ${header[column]} is "${value.slice(0, 40)}", not a number.`);
      return Number(value);
    };
    const size = columns.map(read);
    for (const dimension of known) samples.push({ dimension, size, value: read(header.indexOf(dimension)) });
    written.push({ size, weight: weightAt < 0 ? 1 : read(weightAt), line: i + 1 });
  }
  return { ...(isOnly ? {} : { dimensions: named }), written, isTrace: weightAt < 0, samples };
}

/** Sizes drawn between two percentiles. */
const sizesBetween = 16;

/** Evenly between one percentile and the next; from half of the first one, which is as good a guess as any. */
function readPercentiles(entries: readonly { entry: string; line: number }[]): SizesInText {
  const points = entries
    .map(({ entry, line }) => {
      const found = onePercentile.exec(entry);
      if (!found)
        throw badSizes(`Line ${line}: "${entry.slice(0, 40)}" is no percentile.`, 'Write p50:128 p99:512.');
      const [percent, size] = [Number(found[1]), Number(found[2])];
      if (percent > 100) throw badSizes(`Line ${line}: there is no percentile ${percent}.`);
      return { percent, size, line };
    })
    .sort((a, b) => a.percent - b.percent);
  const written: WrittenSize[] = [];
  let before = { percent: 0, size: Math.ceil(points[0].size / 2) };
  for (const point of points) {
    if (point.size < before.size && point !== points[0])
      throw badSizes(
        `Line ${point.line}: percentile ${point.percent} is below percentile ${before.percent}.`,
      );
    const weight = (point.percent - before.percent) / sizesBetween;
    for (let k = 1; weight > 0 && k <= sizesBetween; k++)
      written.push({
        size: [Math.round(before.size + ((point.size - before.size) * k) / sizesBetween)],
        weight,
        line: point.line,
      });
    before = point;
  }
  // What is beyond the last percentile is as large as it.
  if (before.percent < 100)
    written.push({ size: [before.size], weight: 100 - before.percent, line: points[points.length - 1].line });
  return { written, isTrace: false };
}
