import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandHelp } from '../../../planner-core/cli/help/commandHelp';
import { idsOf } from '../../../planner-core/devices/machine';
import { machineOf } from '../../../planner-core/cli/machineOptions';
import { knownOptions, readOptions, strategyOf, workloadOf } from '../../../planner-core/cli/options';
import { commandUsage, overview, usage } from '../../../planner-core/cli/usage';

const root = path.resolve(import.meta.dirname, '../../..');

test('the overview has every command, and fits a screen', () => {
  for (const name of Object.keys(commandHelp)) expect(overview).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  expect(overview.split('\n').length).toBeLessThan(50);
});

test('all of the help has every option', () => {
  for (const name of knownOptions) expect(usage, name).toContain(`--${name}`);
});

test('help of a command has its options and none that it does not know', () => {
  for (const name of Object.keys(commandHelp))
    for (const [, option] of commandUsage(name)!.matchAll(/--([a-z][\w-]*)/g))
      expect(knownOptions, `${name} --${option}`).toContain(option);
  expect(commandUsage('plan')).toContain('--host-memory');
  expect(commandUsage('diff')).not.toContain('--host-memory');
  expect(commandUsage('toString')).toBeUndefined();
});

const examples = Object.entries(commandHelp).flatMap(([name, help]) =>
  help.examples.map((line): [string, string] => [name, line]),
);

describe('examples', () => {
  test.each(examples)('%s: %s', (name, line) => {
    const words = [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
    const { options, positionals } = readOptions(words.slice(1));
    expect(words[0]).toBe('headroom');
    expect(positionals[0]).toBe(name);
    for (const file of positionals.slice(1).filter((file) => file.endsWith('.onnx')))
      expect(existsSync(path.join(root, file)), file).toBe(true);
    workloadOf({ ...options, dim: options.dim?.map((text) => text.replace(/^\d+:/, '')) });
    strategyOf(options);
    const ids = machineOf(options).devices.flatMap(idsOf);
    for (const id of options.between?.split(',') ?? []) expect(ids).toContain(id);
  });
});
