import * as vscode from 'vscode';
import type { ExportTarget } from '../../planner-core/exporters/targets';
import { baseName, sibling } from '../document/paths';
import type { PlanDocument } from '../document/planDocument';
import { guardModel, writeWhole, type Rename } from '../document/planFile';

/** Asks where to, and writes the export there. Without an answer nothing happens. Throws when it cannot be written. */
export async function exportToFile(
  document: PlanDocument,
  target: ExportTarget,
  rename: Rename,
): Promise<void> {
  const file = await document.export(target);
  const extension = file.suffix.slice(file.suffix.lastIndexOf('.') + 1);
  const chosen = await vscode.window.showSaveDialog({
    defaultUri: exportPlace(document, baseName(document.uri) + file.suffix),
    filters: { [extension.toUpperCase()]: [extension] },
    title: vscode.l10n.t('Export {0}', baseName(document.uri)),
  });
  if (!chosen) return;
  guardModel(chosen, document.uri);
  await writeWhole(chosen, file.text, rename);
  await vscode.commands.executeCommand('setContext', 'headroom.exported', true);
  void offerToOpen(chosen);
}

/** Not awaited by the export: the message may stay for as long as the person likes. */
async function offerToOpen(file: vscode.Uri): Promise<void> {
  const open = vscode.l10n.t('Open');
  const message = vscode.l10n.t('Exported {0}.', baseName(file));
  const answer = await vscode.window.showInformationMessage(message, open);
  if (answer === open) await vscode.commands.executeCommand('vscode.open', file);
}

/** Next to the model; for a model that has no place of its own, in the workspace. */
export function exportPlace(document: PlanDocument, name: string): vscode.Uri | undefined {
  if (!document.readOnly) return sibling(document.uri, name);
  const folder = vscode.workspace.workspaceFolders?.[0];
  return folder && vscode.Uri.joinPath(folder.uri, name);
}
