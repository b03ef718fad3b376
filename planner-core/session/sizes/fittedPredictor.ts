import type { Size, WeightedSize } from '../../plan/sizePlan';
import { heldValues } from '../../planners/input-sizes/layerHeldBytes';
import { evaluate, quadraticFit, type FitPoint } from '../../planners/input-sizes/quadraticFit';
import { readSizeMeasurements, type LayerMeasurement } from '../../planners/input-sizes/readSizeMeasurements';
import { badSizes } from '../../planners/input-sizes/sizeDistribution';
import type { SizedProblem } from '../../planners/input-sizes/sizedPlanning';
import { compareSizes, sizeKey } from '../../planners/input-sizes/sizeLattice';
import type { FittedLayer, FittedPredictor, NamedText } from './sizesModel';

/** Mimose's tests of a fit: it passes either. Relative errors are of at least this many bytes. */
const mostRelative = 0.1;
const mostBytes = 10e6;
const leastBytes = 1024;
/** A quadratic needs as many. */
const leastSizes = 3;

/**
 * Per layer a quadratic through what was measured at a few sizes, as Mimose's estimator fits it (several dimensions: over their product),
 * and how far off it is. Throws 'bad-sizes' for tables that cannot be read, and for fewer than three sizes.
 */
export function fittedPredictor(
  files: readonly NamedText[],
  dimensions: readonly string[],
  { model, layers }: SizedProblem,
  sizes: readonly WeightedSize[],
): FittedPredictor {
  const measured = files.flatMap(({ text, name = 'The table' }) =>
    readSizeMeasurements(text, name, dimensions),
  );
  const distinct = [...new Map(measured.map(({ size }) => [sizeKey(size), size])).values()].sort(
    compareSizes,
  );
  if (distinct.length < leastSizes)
    throw badSizes(
      `The measurements are of ${distinct.length} different ${distinct.length === 1 ? 'size' : 'sizes'}.`,
      `Measure at least ${leastSizes}: a quadratic needs as many.`,
    );
  const byLayer = new Map<string, LayerMeasurement[]>();
  for (const each of measured) byLayer.set(each.layer, [...(byLayer.get(each.layer) ?? []), each]);
  const exactSizes = sizes.map(({ size }) => size).filter((size) => model.hasTemplate(size));
  const exactBytes = exactSizes.map((size) => model.stepAt(size).valueBytes);
  const exact = (layer: string): readonly FitPoint[] | undefined => {
    const found = layers.layerByName.get(layer);
    if (!found) return undefined;
    const values = heldValues(found, model.template);
    return exactSizes.map((size, i) => ({
      x: productOf(size),
      y: values.reduce((sum, value) => sum + exactBytes[i][value], 0),
    }));
  };
  const fitted = [...byLayer].map(([layer, points]) => fitLayer(layer, points, exact(layer)));
  const errors = fitted.map(({ relativeError }) => relativeError).sort((a, b) => a - b);
  return {
    sizes: distinct,
    layers: fitted,
    medianError: errors[errors.length >> 1],
    worstError: errors[errors.length - 1],
    refused: fitted
      .filter(({ layer, relativeError, bytes }) => {
        const off = byLayer
          .get(layer)!
          .map((point) => Math.abs(evaluate(bytes, productOf(point.size)) - point.bytes));
        return relativeError >= mostRelative && Math.max(...off) >= mostBytes;
      })
      .map(({ layer }) => layer),
  };
}

function fitLayer(
  layer: string,
  measured: readonly LayerMeasurement[],
  exact: readonly FitPoint[] | undefined,
): FittedLayer {
  const points = measured.map(({ size, bytes }) => ({ x: productOf(size), y: bytes }));
  const bytes = quadraticFit(points);
  const times = measured.flatMap(({ size, ms }) => (ms === undefined ? [] : [{ x: productOf(size), y: ms }]));
  return {
    layer,
    bytes,
    ...(times.length > 0 ? { ms: quadraticFit(times) } : {}),
    relativeError: worstError(bytes, points),
    ...(exact ? { errorToExact: worstError(bytes, exact) } : {}),
  };
}

const worstError = (coefficients: readonly number[], points: readonly FitPoint[]): number =>
  Math.max(0, ...points.map(({ x, y }) => Math.abs(evaluate(coefficients, x) - y) / Math.max(y, leastBytes)));

const productOf = (size: Size): number => size.reduce((product, x) => product * x, 1);
