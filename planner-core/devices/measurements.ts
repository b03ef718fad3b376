import { HeadroomError } from '../base/errors';
import { jsonChecks } from '../base/jsonChecks';
import { workClasses, type WorkClass } from './efficiency';
import type { MatrixProduct } from './matrixProduct';
import { workClassOfType } from './operatorClass';
import { rates, type Rate, type Work } from './roofline';

/** One measured computation. */
export interface Sample extends Work {
  /** Measured time, without what ran beside it. */
  readonly ms: number;
}

/** As it is written in a measurements file. */
interface WrittenSample {
  readonly class?: WorkClass;
  readonly operator?: string;
  readonly macs: number;
  readonly bytes: number;
  readonly ms: number;
  readonly precision?: Rate;
  readonly product?: readonly number[];
  readonly launches?: number;
}

const bad = (path: string, what: string): HeadroomError =>
  new HeadroomError(
    'bad-calibration',
    `${path === '' ? 'The measurements file' : `Measurement ${path}`} ${what}.`,
    'A list of {"class" or "operator", "macs", "bytes", "ms"}: planner-core/devices/README.md describes it.',
  );

const { nonEmpty, amount, positive, count, oneOf, listOf, objectOf, parsed } = jsonChecks(bad);

const written = objectOf<WrittenSample>(
  {
    class: oneOf(workClasses),
    operator: nonEmpty,
    macs: amount,
    bytes: amount,
    ms: positive,
    precision: oneOf(rates),
    product: listOf(count),
    launches: count,
  },
  ['class', 'operator', 'precision', 'product', 'launches'],
);

/**
 * Reads a measurements file: a list of measured computations. Throws 'bad-calibration' naming the first entry that is
 * wrong.
 */
export function parseMeasurements(text: string): Sample[] {
  return listOf((value, path) => sampleOf(written(value, path), path), 1)(parsed(text), '');
}

function sampleOf(entry: WrittenSample, path: string): Sample {
  const { class: named, operator, macs, bytes, ms, precision, product, launches } = entry;
  if ((named === undefined) === (operator === undefined))
    throw bad(path, 'needs either a "class" or an "operator"');
  if (macs === 0 && bytes === 0) throw bad(path, 'does no work: "macs" and "bytes" are both 0');
  if (product && product.length !== 3 && product.length !== 4)
    throw bad(`${path}.product`, 'is not [rows, columns, inner] or [rows, columns, inner, batch]');
  const workClass = named ?? workClassOfType(operator!, macs);
  const tensorCores = workClass.endsWith('convolution') || workClass === 'recurrent';
  return {
    workClass,
    macs,
    trafficBytes: bytes,
    ms,
    rate: precision ?? (tensorCores && workClass !== 'depthwise-convolution' ? 'tf32' : 'fp32'),
    products: product && [productOf(product)],
    launches: launches ?? 1,
  };
}

const productOf = ([rows, columns, inner, batch = 1]: readonly number[]): MatrixProduct => ({
  rows,
  columns,
  inner,
  batch,
});
