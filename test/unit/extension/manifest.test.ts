import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultDeviceName, deviceCatalogue } from '../../../planner-core/devices/catalogue';
import { machinePresets } from '../../../planner-core/devices/machinePresets';
import { allocatorKinds, cublasWorkspaces } from '../../../planner-core/session/allocatorSettings';
import { strategies } from '../../../planner-core/plan/plan';
import { losses, optimizers, precisions } from '../../../planner-core/step/workload';

interface Setting {
  enum?: string[];
  oneOf?: { enum?: string[] }[];
  default: unknown;
  scope: string;
  markdownDescription: string;
}

interface Manifest {
  icon: string;
  capabilities: { untrustedWorkspaces: { supported: unknown }; virtualWorkspaces: { supported: unknown } };
  extensionKind: string[];
  contributes: {
    commands: { command: string; category: string; enablement?: string }[];
    submenus: { id: string }[];
    menus: Record<string, { command?: string; submenu?: string; when: string; group?: string }[]>;
    configuration: { id: string; title: string; properties: Record<string, Setting> }[];
    keybindings: { command: string; when: string }[];
    walkthroughs: { steps: { media: { markdown: string }; completionEvents: string[] }[] }[];
    jsonValidation: { url: string }[];
    customEditors: { viewType: string }[];
  };
}

const repoRoot = path.resolve(import.meta.dirname, '../../..');
const text = (file: string): string => readFileSync(path.join(repoRoot, file), 'utf8');
const { icon, capabilities, extensionKind, contributes } = JSON.parse(text('package.json')) as Manifest;
const source = (readdirSync(path.join(repoRoot, 'extension'), { recursive: true }) as string[])
  .filter((file) => file.endsWith('.ts'))
  .map((file) => text(path.join('extension', file)))
  .join('\n');

const settings = Object.assign(
  {},
  ...contributes.configuration.map(({ properties }) => properties),
) as Record<string, Setting>;

describe('package.json', () => {
  const commands = contributes.commands.map(({ command }) => command);

  it('has the commands that are registered', () => {
    const names = [...source.matchAll(/(?:register|exporter|onModel)\('(\w+)'/g)].map(([, name]) => name);
    expect(commands.map((command) => command.replace('headroom.', '')).sort()).toEqual(names.sort());
  });

  it('has menus and buttons of its own commands only', () => {
    const used = [
      ...Object.values(contributes.menus).flatMap((items) => items.flatMap(({ command }) => command ?? [])),
      ...[...text('package.nls.json').matchAll(/command:(headroom\.\w+)/g)].map(([, command]) => command),
    ];
    expect(used.filter((command) => !commands.includes(command))).toEqual([]);
  });

  it('has submenus that are in a menu, and have entries', () => {
    const { menus, submenus } = contributes;
    const used = Object.values(menus).flatMap((items) => items.flatMap(({ submenu }) => submenu ?? []));
    expect(used).toEqual(submenus.map(({ id }) => id));
    for (const { id } of submenus) expect(menus[id]).not.toHaveLength(0);
  });

  it('names every text in package.nls.json, and only those', () => {
    const used = new Set([...text('package.json').matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key));
    expect(Object.keys(JSON.parse(text('package.nls.json')) as object).sort()).toEqual([...used].sort());
  });

  it('offers what the planner knows', () => {
    const setting = (name: string) => settings[`headroom.${name}`];
    expect(setting('device').enum).toEqual(deviceCatalogue.map(({ name }) => name));
    expect(setting('device').default).toBe(defaultDeviceName);
    expect(setting('machine').oneOf?.[0].enum).toEqual(['', ...machinePresets.map(({ name }) => name)]);
    expect(setting('optimizer').enum).toEqual(optimizers);
    expect(setting('loss').enum).toEqual(losses);
    expect(setting('precision').enum).toEqual(precisions);
    expect(setting('strategy').enum).toEqual(strategies);
    expect(setting('allocator.kind').enum).toEqual(allocatorKinds);
    expect(setting('allocator.cublasWorkspace').enum).toEqual(cublasWorkspaces);
  });

  it('declares the defaults that the code falls back to', () => {
    const read = [...text('extension/settings.ts').matchAll(/get\('([\w.]+)', ('.*?'|\d+|\{\}|\w+)\)/g)];
    const fallbacks = Object.fromEntries(
      read.map(([, name, value]) => [
        `headroom.${name}`,
        value === 'defaultDeviceName'
          ? defaultDeviceName
          : (JSON.parse(value.replaceAll("'", '"')) as unknown),
      ]),
    );
    const declared = Object.entries(settings).map(([name, { default: value }]) => [name, value]);
    expect(fallbacks).toEqual(Object.fromEntries(declared));
  });

  it('refers to files that exist, and to contexts that are set', () => {
    const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    const files = [
      icon,
      ...contributes.jsonValidation.map(({ url }) => url),
      ...steps.map(({ media }) => media.markdown),
    ];
    expect(files.filter((file) => !existsSync(path.join(repoRoot, file)))).toEqual([]);
    const contexts = steps
      .flatMap(({ completionEvents }) => completionEvents)
      .filter((event) => event.startsWith('onContext:'))
      .map((event) => event.replace('onContext:', ''));
    expect(contexts.filter((context) => !source.includes(`'setContext', '${context}'`))).toEqual([]);
  });

  it('has settings in groups, each described and set for a folder', () => {
    expect(contributes.configuration.length).toBeGreaterThan(2);
    const bad = Object.entries(settings).filter(
      ([, { scope, markdownDescription }]) => scope !== 'resource' || !markdownDescription,
    );
    expect(bad).toEqual([]);
  });

  it('has keys only while the editor is active, for commands of its own', () => {
    for (const { command, when } of contributes.keybindings) {
      expect(commands).toContain(command);
      expect(when).toBe("activeCustomEditorId == 'headroom.model'");
    }
  });

  it('has no two entries of a menu in one place, and lists every command under its name', () => {
    for (const [menu, items] of Object.entries(contributes.menus)) {
      const places = items.flatMap(({ group }) => group ?? []).filter((group) => group.includes('@'));
      expect([menu, places]).toEqual([menu, [...new Set(places)]]);
    }
    expect(contributes.commands.filter(({ category }) => category !== 'Headroom')).toEqual([]);
  });

  it('turns commands off by contexts that are set', () => {
    const contexts = contributes.commands.flatMap(({ enablement }) => enablement ?? []);
    expect(contexts.length).toBeGreaterThan(0);
    expect(contexts.filter((context) => !source.includes(`'${context}':`))).toEqual([]);
  });

  it('works without trust, because it starts no program, and beside the files, which may be elsewhere', () => {
    expect(capabilities.untrustedWorkspaces.supported).toBe(true);
    expect(source).not.toMatch(/child_process|createTerminal|executeTask|\beval\(|new Function\(/);
    // Read whole there, and not saved where the file system takes no plans: said in the list of extensions.
    expect(capabilities.virtualWorkspaces.supported).toBe('limited');
    expect(source).toContain("'maxRemoteFileSizeMB'");
    expect(extensionKind).toEqual(['workspace']);
  });

  it('registers its editor under the name it declares', () => {
    expect(source).toContain(`viewType = '${contributes.customEditors[0].viewType}'`);
  });
});
