import type { DimensionSample } from '../../planners/input-sizes/fittedDimensions';
import { readSizeMeasurements } from '../../planners/input-sizes/readSizeMeasurements';
import type { NamedText } from './sizesModel';

/** What measurements say of dimensions that depend on data, once for every size. Throws as `readSizeMeasurements` does. */
export function measuredSamples(
  files: readonly NamedText[],
  dimensions: readonly string[],
  dependent: readonly string[],
  fixed: Readonly<Record<string, number>>,
): DimensionSample[] {
  const samples = new Map<string, DimensionSample>();
  for (const { text, name = 'The table' } of files) {
    const header = text.split(/\r?\n/, 1)[0].split(',');
    const known = dependent.filter((column) => header.some((cell) => cell.trim() === column));
    for (const { size } of known.length > 0
      ? readSizeMeasurements(text, name, [...dimensions, ...known], fixed)
      : []) {
      known.forEach((dimension, i) => {
        const value = size[dimensions.length + i];
        const of = size.slice(0, dimensions.length);
        samples.set([dimension, ...of, value].join(), { dimension, size: of, value });
      });
    }
  }
  return [...samples.values()];
}
