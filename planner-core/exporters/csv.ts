/** A table as CSV (RFC 4180); numbers as plain numbers. */
export function csvText(
  header: readonly string[],
  rows: Iterable<readonly (string | number | undefined)[]>,
): string {
  const lines = [header.map(quoted).join(',')];
  for (const row of rows)
    lines.push(row.map((cell) => (typeof cell === 'string' ? quoted(cell) : (cell ?? ''))).join(','));
  return lines.join('\r\n') + '\r\n';
}

function quoted(text: string): string {
  // A leading = + - @ would be run as a formula by spreadsheets: model files are not trusted.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
