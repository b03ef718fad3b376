import type { SizeRow } from './sizesModel';

/** Plans for less than this share of the batches are rare. */
const rareShare = 0.001;

/** Plans that hardly a batch needs, by their place; none where a line for all of them would be no shorter, or all are rare. */
export function rareRows(rows: readonly Pick<SizeRow, 'share'>[]): number[] {
  const rare = rows.flatMap(({ share }, i) => (share < rareShare ? [i] : []));
  return rare.length > 1 && rare.length < rows.length ? rare : [];
}
