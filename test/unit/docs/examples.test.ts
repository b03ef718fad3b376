import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportTargets } from '../../../planner-core/exporters/targets';
import { allocatorSettingsOf } from '../../../planner-core/cli/allocatorOptions';
import { machineOf } from '../../../planner-core/cli/machineOptions';
import { openModelFile } from '../../../planner-core/cli/models';
import { offloadOf } from '../../../planner-core/cli/offloadOptions';
import { pinsOf, readOptions, strategyOf, workloadOf } from '../../../planner-core/cli/options';
import { usage } from '../../../planner-core/cli/usage';
import packageJson from '../../../package.json';

const root = path.resolve(import.meta.dirname, '../../..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const textOf = (page: string): string => readFileSync(path.join(root, page), 'utf8');

const commands = new Set([...usage.matchAll(/^ {2}headroom ([a-z]+)/gm)].map(([, name]) => name));
const alias = 'npm run --silent headroom --';

/** Words of a command line as a shell splits them; a comment ends it. */
function words(line: string): string[] {
  const found = [...line.replace(/\s#.*$/, '').matchAll(/"([^"]*)"|'([^']*)'|\S+/g)];
  return found.map(([word, double, single]) => double ?? single ?? word);
}

/** The lines of a page's shell blocks, with those that go on in the next one joined. */
const shellLines = (page: string): string[] =>
  [...textOf(page).matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block]) =>
    block
      .replace(/\\\n\s*/g, '')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#')),
  );

/** Reads a command as the command line does, short of planning: `written` are files of commands before it. */
function read(args: readonly string[], written: Set<string>): void {
  const { options, positionals } = readOptions(args);
  const [name, ...files] = positionals;
  expect([...commands]).toContain(name);
  expect(files.length).toBeGreaterThan(0);
  for (const file of [...files, ...[options.model, options.plan].filter((text) => text !== undefined)])
    expect(written.has(file) || existsSync(path.join(root, file)), file).toBe(true);
  const { devices } = machineOf(options);
  workloadOf(
    options.dim ? { ...options, dim: options.dim.map((text) => text.replace(/^\d+:/, '')) } : options,
  );
  strategyOf(options);
  pinsOf(options, devices);
  offloadOf(options);
  allocatorSettingsOf(options);
  if (options.target) expect(exportTargets).toContain(options.target);
  const known = files
    .filter((file) => !written.has(file) && name !== 'solve')
    .flatMap((file) => openModelFile(path.join(root, file)).dimensionNames);
  for (const dim of options.dim ?? []) expect(known).toContain(dim.replace(/^\d+:/, '').replace(/=.*/, ''));
  if (options.out) written.add(options.out);
}

describe.each(pages.filter((page) => shellLines(page).length > 0))('commands of %s', (page) => {
  const written = new Set<string>();
  test.each(shellLines(page))('%s', (line) => {
    if (line === `alias headroom='${alias}'`) return;
    const [program, ...args] = words(line.startsWith(`${alias} `) ? line.replace(alias, 'headroom') : line);
    if (program === 'headroom') return read(args, written);
    expect(program).toBe('npm');
    const script = args[0] === 'run' ? args[1] : args[0];
    expect(Object.keys(packageJson.scripts)).toContain(script);
  });
});

test('commands in the text have names and options that there are', () => {
  const inText = pages.flatMap((page) =>
    [...textOf(page).matchAll(/`headroom ([a-z]+(?: [^`]*)?)`/g)].map(([, line]) => ({ page, line })),
  );
  expect(inText.length).toBeGreaterThan(5);
  for (const { page, line } of inText) {
    const [name, ...rest] = words(line);
    expect([...commands], `${page}: ${line}`).toContain(name);
    for (const option of rest.filter((word) => word.startsWith('--')))
      expect(usage, `${page}: ${line}`).toContain(option);
  }
});

test('pages with commands say how headroom is run', () => {
  for (const page of pages) {
    if (!shellLines(page).some((line) => line.startsWith('headroom '))) continue;
    const said = page === 'README.md' ? `alias headroom='${alias}'` : 'README.md#on-the-command-line';
    expect(textOf(page), page).toContain(said);
  }
});
