/** A number with its sign and unit: `23.1 GiB`, `+1.3 %`, `720,000`, `< 0.1 %`. */
const amount = /^[<>≤≥~≈±+−-]?\s?\d[\d.,]*(?:\s?[\p{L}%/]{1,6})?$/u;
/** What stands where there is no number: `–`, `none`. */
const longestWord = 8;

const isWord = (cell: string): boolean => cell.length <= longestWord && !/\d/.test(cell);

/**
 * The columns of a table that hold amounts, to be aligned at the right: every cell is one, or a short word in place of one. The
 * first column names its row and is never among them.
 */
export function numberColumns(rows: readonly (readonly string[])[]): ReadonlySet<number> {
  const width = Math.max(0, ...rows.map((row) => row.length));
  const columns = Array.from({ length: width }, (_, column) => column).slice(1);
  return new Set(
    columns.filter((column) => {
      const cells = rows.flatMap((row) => (column < row.length ? [row[column]] : []));
      return (
        cells.some((cell) => amount.test(cell)) && cells.every((cell) => amount.test(cell) || isWord(cell))
      );
    }),
  );
}
