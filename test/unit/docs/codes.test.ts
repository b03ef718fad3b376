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

/** The members of ErrorCode, and every other literal that is given as a `code`: those of diagnostics. */
const errorCodes = quoted(
  /export type ErrorCode =([^;]*);/.exec(read('planner-core/base/errors.ts'))?.[1] ?? '',
);
const diagnosticCodes = sources('planner-core')
  .flatMap((text) => [...text.matchAll(/\bcode:((?:\s*\|?\s*'[a-z0-9-]+')+)/g)])
  .flatMap((match) => quoted(match[1]))
  .filter((code) => !errorCodes.includes(code));

function quoted(text: string): string[] {
  return [...text.matchAll(/'([a-z0-9-]+)'/g)].map((match) => match[1]);
}

describe('docs/errors.md', () => {
  it('lists exactly the codes of the type ErrorCode', () => {
    expect(errorCodes.length).toBeGreaterThan(10);
    expect(documented('docs/errors.md')).toEqual([...errorCodes].sort());
  });
});

describe('docs/diagnostics.md', () => {
  it('lists exactly the codes that planner-core reports', () => {
    expect(diagnosticCodes.length).toBeGreaterThan(0);
    expect(documented('docs/diagnostics.md')).toEqual([...new Set(diagnosticCodes)].sort());
  });
});
