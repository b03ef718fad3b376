import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import { baseName } from '../document/paths';
import { readText } from '../document/planFile';

/** A plan to compare: its text, what to call it, and where an editor finds it. */
export interface PlanText {
  readonly name: string;
  readonly text: string;
  readonly uri: vscode.Uri;
}

/** Throws 'file-access' where there is no such file, or it cannot be read. */
export async function planFile(uri: vscode.Uri): Promise<PlanText> {
  const text = await readText(uri);
  if (text !== undefined) return { name: baseName(uri), text, uri };
  throw new HeadroomError(
    'file-access',
    vscode.l10n.t('{0} does not exist.', baseName(uri)),
    vscode.l10n.t('Save the plan once, or choose another plan file.'),
  );
}

/** A plan file that a person chooses; `title` says what for. */
export async function choosePlan(title: string): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    filters: { [vscode.l10n.t('Plans')]: ['json'] },
    title,
  });
  return chosen?.[0];
}
