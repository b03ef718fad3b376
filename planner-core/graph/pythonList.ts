/** What follows a backslash in a Python string, where it does not stand for itself. */
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/**
 * Reads a Python list of strings as repr() prints it: `['', 'layer1', "it's"]`. undefined when the text is anything
 * else.
 */
export function parsePythonList(text: string): string[] | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith('[') || !trimmed.endsWith(']')) return undefined;
  const items: string[] = [];
  const item = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(,|$)/sy;
  const inside = trimmed.slice(1, -1);
  while (item.lastIndex < inside.trimEnd().length) {
    const match = item.exec(inside);
    if (!match) return undefined;
    const quoted = match[1] ?? match[2];
    items.push(quoted.replace(/\\(.)/gs, (_, character: string) => escapes[character] ?? character));
  }
  return items;
}
