/** Plain data as a Python literal, indented; short lists and dictionaries stay on their line. Undefined keys are left out. */
export function pythonLiteral(value: unknown, indent = ''): string {
  const inner = `${indent}    `;
  const [open, close, items] = partsOf(value, inner);
  if (items === undefined) return scalar(value);
  const flat = `${open}${items.join(', ')}${close}`;
  if (!flat.includes('\n') && indent.length + flat.length <= 100) return flat;
  return `${open}\n${items.map((item) => `${inner}${item},\n`).join('')}${indent}${close}`;
}

function partsOf(value: unknown, inner: string): [string, string, string[] | undefined] {
  if (Array.isArray(value)) return ['[', ']', value.map((item) => pythonLiteral(item, inner))];
  if (typeof value !== 'object' || value === null) return ['', '', undefined];
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return ['{', '}', entries.map(([key, item]) => `${JSON.stringify(key)}: ${pythonLiteral(item, inner)}`)];
}

/** Strings of JSON are strings of Python. */
function scalar(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  return JSON.stringify(value);
}
