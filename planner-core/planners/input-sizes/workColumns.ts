import { workClasses } from '../../devices/efficiency';
import type { MatrixProduct } from '../../devices/matrixProduct';
import { rates, rooflineCost, type DeviceTiming, type Work } from '../../devices/roofline';

const fixedColumns = 3;
const productColumns = 4;

/** What the computations of a step ask of a device, as numbers that change with the sizes and a shape that does not. */
export interface WorkColumns {
  readonly numbers: Float64Array;
  readonly shape: WorkShape;
}

/** Kinds of kernels and numbers of matrix products, by node. */
export interface WorkShape {
  readonly text: string;
  readonly works: readonly (readonly Pick<Work, 'workClass' | 'rate'>[])[];
  /** By node and work: its matrix products; -1 where they are not known. */
  readonly products: readonly (readonly number[])[];
}

export function workColumns(work: readonly (readonly Work[])[]): WorkColumns {
  const numbers = work
    .flat()
    .flatMap(({ macs, trafficBytes, launches = 1, products = [] }) => [
      ...[macs, trafficBytes, launches],
      ...products.flatMap(({ rows, columns, inner, batch }) => [rows, columns, inner, batch]),
    ]);
  const works = work.map((ofNode) => ofNode.map(({ workClass, rate }) => ({ workClass, rate })));
  const products = work.map((ofNode) => ofNode.map((each) => each.products?.length ?? -1));
  const text = work
    .map((ofNode, node) =>
      ofNode.map(
        ({ workClass, rate }, i) =>
          `${workClasses.indexOf(workClass)} ${rates.indexOf(rate)} ${products[node][i]}`,
      ),
    )
    .join(';');
  return { numbers: Float64Array.from(numbers), shape: { text, works, products } };
}

/** Writes each node's milliseconds; `runs` times by node. */
export function durationsOf(
  { numbers, shape }: WorkColumns,
  timing: DeviceTiming,
  runs: Uint16Array,
  into: Float64Array,
): Float64Array {
  let at = 0;
  for (let node = 0; node < shape.works.length; node++) {
    const works = shape.works[node];
    let durationMs = 0;
    for (let i = 0; i < works.length; i++) {
      const { workClass, rate } = works[i];
      const [macs, trafficBytes, launches] = [numbers[at], numbers[at + 1], numbers[at + 2]];
      at += fixedColumns;
      const count = shape.products[node][i];
      const products: MatrixProduct[] | undefined = count < 0 ? undefined : [];
      for (let p = 0; p < count; p++, at += productColumns) {
        const [rows, columns, inner, batch] = [
          numbers[at],
          numbers[at + 1],
          numbers[at + 2],
          numbers[at + 3],
        ];
        products!.push({ rows, columns, inner, batch });
      }
      durationMs += rooflineCost(
        { workClass, rate, macs, trafficBytes, launches, products },
        timing,
      ).durationMs;
    }
    into[node] = durationMs * runs[node];
  }
  return into;
}
