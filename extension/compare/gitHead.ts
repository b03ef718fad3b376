import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import { toResult } from '../../planner-core/base/result';
import { baseName } from '../document/paths';
import type { PlanText } from './planText';

/** What is used of the built-in Git extension's interface. */
interface GitExtension {
  getAPI(version: 1): { toGitUri(uri: vscode.Uri, ref: string): vscode.Uri };
}

/** A file as it was last committed. Throws 'file-access' where Git is off or has no such file. */
export async function headVersion(file: vscode.Uri): Promise<PlanText> {
  const git = vscode.extensions.getExtension<GitExtension>('vscode.git');
  const opened = await toResult(async () => {
    if (!git) throw new HeadroomError('file-access', vscode.l10n.t('The Git extension is not there.'));
    const uri = (await git.activate()).getAPI(1).toGitUri(file, 'HEAD');
    return { uri, text: (await vscode.workspace.openTextDocument(uri)).getText() };
  });
  if (opened.ok && opened.value.text !== '')
    return { name: vscode.l10n.t('{0} at HEAD', baseName(file)), ...opened.value };
  throw new HeadroomError(
    'file-access',
    vscode.l10n.t('There is no committed version of {0}.', baseName(file)),
    vscode.l10n.t('Commit the plan file once; the built-in Git extension must be on.'),
  );
}
