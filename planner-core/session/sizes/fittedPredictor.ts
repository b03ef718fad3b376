import { groupedBy } from '../../base/groups';
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
/** Shorter times are the clock's. */
const leastMs = 1e-3;
/** A quadratic needs as many. */
const leastSizes = 3;

/**
 * Per layer a quadratic through what was measured at a few sizes, as Mimose's estimator fits it (several dimensions: over their product),
 * and how far off it is: at the sizes it was fitted to, and at each of them when it was fitted to the others. `fixed`: the sizes of the
 * model's other dimensions. Throws 'bad-sizes' for tables that cannot be read, and for fewer than three sizes.
 */
export function fittedPredictor(
  files: readonly NamedText[],
  dimensions: readonly string[],
  fixed: Readonly<Record<string, number>>,
  { model, layers }: SizedProblem,
  sizes: readonly WeightedSize[],
): FittedPredictor {
  const measured = files.flatMap(({ text, name = 'The table' }) =>
    readSizeMeasurements(text, name, dimensions, fixed),
  );
  const distinct = [...new Map(measured.map(({ size }) => [sizeKey(size), size])).values()].sort(
    compareSizes,
  );
  if (distinct.length < leastSizes)
    throw badSizes(
      `The measurements are of ${distinct.length} different ${distinct.length === 1 ? 'size' : 'sizes'}.`,
      `Measure at least ${leastSizes}: a quadratic needs as many.`,
    );
  const byLayer = groupedBy(measured, ({ layer }) => layer);
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
  const sorted = (of: (layer: FittedLayer) => number | undefined): number[] =>
    fitted.flatMap((layer) => of(layer) ?? []).sort((a, b) => a - b);
  const errors = sorted(({ relativeError }) => relativeError);
  const leftOut = sorted(({ leftOutError }) => leftOutError);
  const times = sorted(({ msError }) => msError);
  return {
    sizes: distinct,
    layers: fitted,
    medianError: errors[errors.length >> 1],
    worstError: errors[errors.length - 1],
    ...(leftOut.length > 0 ? { worstLeftOutError: leftOut[leftOut.length - 1] } : {}),
    ...(times.length > 0 ? { medianMsError: times[times.length >> 1] } : {}),
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
    ...(times.length > 0 ? fittedTimes(times) : {}),
    relativeError: worstError(bytes, points),
    ...leftOut(points),
    ...(exact ? { errorToExact: worstError(bytes, exact) } : {}),
  };
}

function fittedTimes(points: readonly FitPoint[]): Pick<FittedLayer, 'ms' | 'msError'> {
  const ms = quadraticFit(points);
  const off = points.map(({ x, y }) => Math.abs(evaluate(ms, x) - y) / Math.max(y, leastMs));
  return { ms, msError: Math.max(...off) };
}

/** Each size from the others, which have to be enough for a quadratic; nothing where they are not. */
function leftOut(points: readonly FitPoint[]): Pick<FittedLayer, 'leftOutError'> {
  const sizes = [...new Set(points.map(({ x }) => x))];
  if (sizes.length <= leastSizes) return {};
  const errors = sizes.map((size) =>
    worstError(
      quadraticFit(points.filter(({ x }) => x !== size)),
      points.filter(({ x }) => x === size),
    ),
  );
  return { leftOutError: Math.max(...errors) };
}

const worstError = (coefficients: readonly number[], points: readonly FitPoint[]): number =>
  Math.max(0, ...points.map(({ x, y }) => Math.abs(evaluate(coefficients, x) - y) / Math.max(y, leastBytes)));

const productOf = (size: Size): number => size.reduce((product, x) => product * x, 1);
