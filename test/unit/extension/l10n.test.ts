import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { plannerRow } from '../../../planner-core/base/textTranslation';
import { exportGroupNames, exportNames } from '../../../planner-core/exporters/targets';
import { bandNames } from '../../../planner-core/simulator/bands';

const repoRoot = path.resolve(import.meta.dirname, '../../..');
const json = (file: string): Record<string, string> =>
  JSON.parse(readFileSync(path.join(repoRoot, file), 'utf8')) as Record<string, string>;

/** Names of the planner core that are shown: `t(NAMES[key])` looks them up. */
const coreNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bandNames,
  exportNames,
  exportGroupNames,
};
const coreName = new RegExp(`^(${Object.keys(coreNames).join('|')})\\[`);

/** First arguments of `l10n.t('…')` in the extension and of `t('…')` in the view. */
function textsOf(folder: string, call: RegExp): string[] {
  return (readdirSync(path.join(repoRoot, folder), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const source = readFileSync(path.join(repoRoot, folder, file), 'utf8');
      const calls = [...source.matchAll(call)];
      const literal = /^\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`([^`$\\]*)`)/;
      return calls.flatMap(({ index, 0: { length } }) => {
        const [, table] = coreName.exec(source.slice(index + length)) ?? [];
        if (table) return Object.values(coreNames[table]);
        const [whole, single, double, template] = literal.exec(source.slice(index + length)) ?? [];
        // What is put together at run time cannot be looked up in a translation.
        expect(whole, `${file}: ${source.slice(index, index + 60)}`).toBeDefined();
        return (single ?? double ?? template ?? '')
          .replace(/\\(['"\\])/g, '$1')
          .replace(/\\u00a0/g, '\u00a0');
      });
    });
}

/** Texts of the planner core as they are written there, with `{0}`, `{1}` … for values in the order they stand in. */
function plannerTexts(): ReadonlySet<string> {
  const folder = path.join(repoRoot, 'planner-core');
  const texts = new Set<string>();
  const textOf = (node: ts.Node): string | undefined => {
    if (ts.isStringLiteralLike(node)) return node.text;
    if (ts.isTemplateExpression(node))
      return [node.head, ...node.templateSpans.map(({ literal }) => literal)]
        .map(({ text }) => text)
        .join(hole);
    if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
    const [left, right] = [textOf(node.left), textOf(node.right)];
    return left === undefined || right === undefined ? undefined : left + right;
  };
  const visit = (node: ts.Node): void => {
    const text = textOf(node);
    if (text !== undefined) texts.add(numbered(text));
    ts.forEachChild(node, visit);
  };
  for (const file of readdirSync(folder, { recursive: true }) as string[]) {
    if (!file.endsWith('.ts')) continue;
    const source = readFileSync(path.join(folder, file), 'utf8');
    ts.forEachChild(ts.createSourceFile(file, source, ts.ScriptTarget.Latest), visit);
  }
  return texts;
}

/** Stands for a value until values are counted. */
const hole = '\0';
const numbered = (text: string): string => {
  let values = 0;
  return text.replaceAll(hole, () => `{${values++}}`);
};

const isPlannerRow = (key: string): boolean => key.endsWith(plannerRow);
const used = [...textsOf('extension', /\bl10n\.t\(/g), ...textsOf('webview', /(?<![\w.$])t\((?!text\b)/g)];
const languages = readdirSync(path.join(repoRoot, 'l10n'))
  .filter((file) => file.endsWith('.json'))
  .map((file) => /^bundle\.l10n\.(.+)\.json$/.exec(file)?.[1] ?? file);
const placeholders = (text: string): string[] => [...(text.match(/\{\d\}/g) ?? [])].sort();

describe.each(languages)('the translation %s', (language) => {
  const bundle = json(`l10n/bundle.l10n.${language}.json`);
  const manifest = json(`package.nls.${language}.json`);
  const english = json('package.nls.json');

  it('has every text of extension and view, and no other', () => {
    const keys = Object.keys(bundle).filter((key) => !isPlannerRow(key));
    expect(keys.sort()).toEqual([...new Set(used)].sort());
  });

  it('has texts of the planner only as the planner writes them, with words to know them by', () => {
    const known = plannerTexts();
    const rows = Object.keys(bundle).filter(isPlannerRow);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      const text = row.slice(0, -plannerRow.length);
      expect(known, text).toContain(text);
      // Else it would take the texts of others for its own.
      expect(text.replace(/\{\d+\}/g, ''), row).toMatch(/\p{L}{3,}/u);
    }
  });

  it('has every text of the manifest, and no other', () => {
    expect(Object.keys(manifest).sort()).toEqual(Object.keys(english).sort());
  });

  it('leaves nothing empty, and has the same values to fill in', () => {
    const pairs = [
      ...Object.entries(bundle),
      ...Object.entries(manifest).map(([key, text]) => [english[key], text]),
    ];
    for (const [text, translated] of pairs) {
      expect(translated.trim(), text).not.toBe('');
      expect(placeholders(translated), text).toEqual(placeholders(text));
    }
  });

  it('keeps the commands and addresses that texts link to', () => {
    const links = (text: string): string[] => text.match(/\(command:[^)]+\)/g) ?? [];
    for (const [key, text] of Object.entries(manifest)) expect(links(text), key).toEqual(links(english[key]));
  });
});
