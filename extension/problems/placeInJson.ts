import { findNodeAtLocation, parseTree } from 'jsonc-parser/lib/esm/main.js';

/** From the first character to the one after the last. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

/** Where a value of a JSON text is; of its nearest parent that is there; of nothing, the first character. */
export function placeInJson(text: string, at: readonly (string | number)[]): Place {
  const root = parseTree(text);
  for (let depth = at.length; root && depth > 0; depth--) {
    const node = findNodeAtLocation(root, at.slice(0, depth));
    if (node) return { offset: node.offset, length: node.length };
  }
  return { offset: 0, length: Math.min(1, text.length) };
}
