import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const repoRoot = path.resolve(import.meta.dirname, '../../..');
/** Entries, which VS Code calls. */
const entries = ['extension/main.ts', 'extension/main.web.ts'];

interface Module {
  readonly exported: readonly string[];
  /** Names it takes of other modules, as `file name`; `file *` for all of them. */
  readonly taken: readonly string[];
}

const isExported = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;

/** Values that a statement exports. Types are not asked about: a function's callers may need no name for what it takes. */
function valuesOf(statement: ts.Statement): string[] {
  if (!isExported(statement)) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [name.text] : [],
    );
  return (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name
    ? [statement.name.text]
    : [];
}

/** The file without its ending; a folder stands for its index. */
const resolved = (file: string, specifier: string): string =>
  path.posix.join(path.posix.dirname(file), specifier).replace(/\.(ts|mjs)$/, '');

function takenOf(file: string, statement: ts.Statement): string[] {
  if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
  const { moduleSpecifier } = statement;
  if (!moduleSpecifier || !ts.isStringLiteral(moduleSpecifier)) return [];
  const from = resolved(file, moduleSpecifier.text);
  const names = ts.isImportDeclaration(statement)
    ? statement.importClause?.namedBindings
    : statement.exportClause;
  if (!names || !(ts.isNamedImports(names) || ts.isNamedExports(names))) return [`${from} *`];
  return names.elements.map(({ name, propertyName }) => `${from} ${(propertyName ?? name).text}`);
}

function moduleOf(file: string, text: string): Module {
  const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  // What is loaded late is taken whole.
  const late = [...text.matchAll(/\bimport\('(\.[^']+)'\)/g)].map(([, from]) => `${resolved(file, from)} *`);
  return {
    exported: statements.flatMap(valuesOf),
    taken: [...statements.flatMap((statement) => takenOf(file, statement)), ...late],
  };
}

/** Exported values that no other file takes, as `file name`. */
function unusedExports(texts: ReadonlyMap<string, string>): string[] {
  const modules = [...texts].map(([file, text]) => ({ file, ...moduleOf(file, text) }));
  const taken = new Set(modules.flatMap((module) => module.taken));
  return modules.flatMap(({ file, exported }) => {
    const stem = file.replace(/\.ts$/, '');
    const names = [stem, stem.replace(/\/index$/, '')];
    const isTaken = (name: string): boolean =>
      names.some((from) => taken.has(`${from} ${name}`) || taken.has(`${from} *`));
    return exported.filter((name) => !isTaken(name)).map((name) => `${file} ${name}`);
  });
}

describe('exports', () => {
  it('are told apart from what is taken by name, whole, late, or from an index', () => {
    const texts = new Map([
      ['a/index.ts', 'export const used = 1; export function unused() {} export type Shape = number;'],
      ['b.ts', "import { used as mine } from './a'; export class Left {} export { other } from './c';"],
      ['c.ts', 'export const other = 2;'],
      ['d.ts', "export const whole = 3; import * as all from './e'; const late = import('./f');"],
      ['e.ts', 'export const one = 1;'],
      ['f.ts', 'export const two = 2;'],
    ]);
    expect(unusedExports(texts)).toEqual(['a/index.ts unused', 'b.ts Left', 'd.ts whole']);
  });

  it('of the product are all used by another file', () => {
    const files = ['planner-core', 'extension', 'webview', 'test', 'scripts'].flatMap((folder) =>
      readdirSync(path.join(repoRoot, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => /(?<!\.d)\.(ts|mjs)$/.test(file))
        .map((file) => path.posix.join(folder, file.replaceAll(path.sep, '/'))),
    );
    const texts = new Map(files.map((file) => [file, readFileSync(path.join(repoRoot, file), 'utf8')]));
    const ofProduct = unusedExports(texts).filter(
      (name) => !/^(test|scripts)\//.test(name) && !entries.includes(name.split(' ')[0]),
    );
    expect(ofProduct, 'leave out `export`, or delete what nothing uses').toEqual([]);
  });
});
