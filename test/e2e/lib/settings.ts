import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Writes the settings of a workspace before it is opened. */
export function writeSettings(workspace: string, settings: Readonly<Record<string, unknown>>): void {
  mkdirSync(path.join(workspace, '.vscode'), { recursive: true });
  writeFileSync(path.join(workspace, '.vscode/settings.json'), JSON.stringify(settings, undefined, 2));
}
