import type { Size } from '../../plan/sizePlan';
import { badSizes } from './sizeDistribution';

/** What was measured of one layer at one size. */
export interface LayerMeasurement {
  readonly size: Size;
  readonly layer: string;
  /** Allocated while its forward pass ran and still held when it returned. */
  readonly bytes: number;
  readonly ms?: number;
}

const mostRows = 200_000;

/**
 * Reads a table with a line of column names: the dimensions (or `size` for the only one), `layer`, `bytes` and, if there is one, `ms`.
 * `fixed`: the other dimensions of the model, which have one size; a column of one of them must have it. Throws 'bad-sizes' naming file
 * and line.
 */
export function readSizeMeasurements(
  text: string,
  file: string,
  dimensions: readonly string[],
  fixed: Readonly<Record<string, number>> = {},
): LayerMeasurement[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  if (lines.length > mostRows) throw badSizes(`${file} has more than ${mostRows} lines.`);
  const header = lines[0].split(',').map((cell) => cell.trim());
  const at = (name: string): number => header.indexOf(name);
  const sizeAt = dimensions.map((name) => (at(name) < 0 && dimensions.length === 1 ? at('size') : at(name)));
  if (sizeAt.includes(-1) || at('layer') < 0 || at('bytes') < 0)
    throw badSizes(
      `${file} has the columns ${header.join(', ').slice(0, 80)}; it needs ${dimensions.join(', ')}, layer and bytes.`,
    );
  return lines.slice(1).flatMap((line, i): LayerMeasurement[] => {
    if (line.trim() === '') return [];
    const values = line.split(',').map((cell) => cell.trim());
    const read = (column: number): number => {
      const value = values[column] ?? '';
      const amount = Number(value);
      if (value === '' || !Number.isFinite(amount) || amount < 0)
        throw badSizes(
          `${file}, line ${i + 2}: ${header[column]} is "${value.slice(0, 40)}", not a number of at least 0.`,
        );
      return amount;
    };
    for (const [name, size] of Object.entries(fixed))
      if (at(name) >= 0 && read(at(name)) !== size)
        throw badSizes(
          `${file}, line ${i + 2} was measured with ${name} ${values[at(name)]}; the plans are for ${name} ${size}.`,
          `Set ${name} to ${values[at(name)]}, or measure with ${size}.`,
        );
    const layer = values[at('layer')] ?? '';
    if (layer === '') throw badSizes(`${file}, line ${i + 2} names no layer.`);
    const ms = at('ms') < 0 ? {} : { ms: read(at('ms')) };
    return [{ size: sizeAt.map(read), layer, bytes: read(at('bytes')), ...ms }];
  });
}
