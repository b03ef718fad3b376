import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import type { SourceLine } from '../../planner-core/graph/sourceLine';
import { sibling } from '../document/paths';

/** Of the same name; more are not looked at. */
const mostCandidates = 200;

/**
 * Opens the program that a model was exported from. Only files of the workspace and of the model's folder are opened: the
 * one of the recorded name whose folders agree with the recorded ones farthest up. Throws 'file-access' where there is
 * none.
 */
export async function openSource(model: vscode.Uri, { file, line }: SourceLine): Promise<void> {
  const parts = file.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
  const name = parts.at(-1) ?? '';
  const found = await filesNamed(model, name);
  if (found.length === 0) {
    throw new HeadroomError(
      'file-access',
      vscode.l10n.t('{0} is neither in the workspace nor beside the model.', name),
      vscode.l10n.t('Add the folder with {0} to the workspace.', file),
    );
  }
  const best = found.reduce((a, b) => (sharedEnd(b, parts) > sharedEnd(a, parts) ? b : a));
  const at = new vscode.Position(Math.max(0, line - 1), 0);
  await vscode.window.showTextDocument(best, {
    selection: new vscode.Range(at, at),
    viewColumn: vscode.ViewColumn.Beside,
  });
}

async function filesNamed(model: vscode.Uri, name: string): Promise<vscode.Uri[]> {
  // A name that is a pattern, or no file's, is not looked for.
  if (!/^[^*?[\]{}!:"<>|]+$/.test(name) || name === '..') return [];
  const found = await vscode.workspace.findFiles(`**/${name}`, undefined, mostCandidates);
  const beside = sibling(model, name);
  const isThere = await vscode.workspace.fs.stat(beside).then(
    ({ type }) => (type & vscode.FileType.File) !== 0,
    () => false,
  );
  const sorted = [...found].sort((a, b) => (a.path < b.path ? -1 : 1));
  return isThere ? [beside, ...sorted] : sorted;
}

/** How many of the last parts of a path are those recorded. */
function sharedEnd({ path }: vscode.Uri, recorded: readonly string[]): number {
  const parts = path.split('/');
  let shared = 0;
  while (shared < recorded.length && parts.at(-1 - shared) === recorded.at(-1 - shared)) shared++;
  return shared;
}
