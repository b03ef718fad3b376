import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const repoRoot = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(repoRoot, file), 'utf8');

/** Codes in the first column of a document's tables. */
const documented = (file: string): string[] =>
  [...read(file).matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map((match) => match[1]).sort();

function sources(folder: string): string[] {
  return readdirSync(path.join(repoRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => read(path.join(folder, file)));
}

describe('docs/errors.md', () => {
  it('lists exactly the codes of the type ErrorCode', () => {
    const union = /export type ErrorCode =([^;]*);/.exec(read('planner-core/base/errors.ts'))?.[1] ?? '';
    const codes = [...union.matchAll(/'([a-z-]+)'/g)].map((match) => match[1]);
    expect(codes.length).toBeGreaterThan(10);
    expect(documented('docs/errors.md')).toEqual(codes.sort());
  });
});

describe('docs/diagnostics.md', () => {
  it('lists exactly the codes that planner-core reports', () => {
    // A diagnostic is an object literal with a severity and a code, in either order.
    const literal =
      /severity:\s*'(?:info|warning|error)',\s*code:\s*'([a-z0-9-]+)'|code:\s*'([a-z0-9-]+)',\s*severity:/g;
    const used = sources('planner-core').flatMap((text) =>
      [...text.matchAll(literal)].map((match) => match[1] ?? match[2]),
    );
    expect(documented('docs/diagnostics.md')).toEqual([...new Set(used)].sort());
  });
});
