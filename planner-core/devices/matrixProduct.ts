/** `batch` independent products of a `rows` × `inner` with an `inner` × `columns` matrix. */
export interface MatrixProduct {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly batch: number;
}

export const productMacs = ({ rows, columns, inner, batch }: MatrixProduct): number =>
  rows * columns * inner * batch;

/** Side of the largest output tile a multiprocessor works on, and the shortest inner size worth splitting off. */
const tile = 128;
const splitInner = 256;

/**
 * Share of a device that a product keeps busy, between 0 and 1. Every output tile goes to one multiprocessor: tiles that
 * stick out compute what nobody needs (tile quantisation), and the last round of tiles leaves multiprocessors idle
 * (wave quantisation). With fewer tiles than multiprocessors, libraries share out the inner size as well (split-K).
 * Terms: NVIDIA, "Matrix Multiplication Background User's Guide". Tile and split sizes are assumed; libraries choose.
 */
export function utilisation(product: MatrixProduct, multiprocessors: number): number {
  const { rows, columns, inner, batch } = product;
  if (multiprocessors < 1 || productMacs(product) === 0) return 1;
  const [down, across] = [tileSide(rows), tileSide(columns)];
  const tiles = batch * Math.ceil(rows / down) * Math.ceil(columns / across);
  const splits = Math.max(1, Math.min(Math.floor(multiprocessors / tiles), Math.floor(inner / splitInner)));
  const waves = (tiles * splits) / multiprocessors;
  const needed = (rows * columns * batch) / (tiles * down * across);
  return needed * (waves / Math.ceil(waves));
}

/** Kernels with smaller tiles serve narrow matrices, down to what one tensor core multiplies. */
function tileSide(size: number): number {
  let side = tile;
  while (side > 16 && size <= side / 2) side /= 2;
  return side;
}
