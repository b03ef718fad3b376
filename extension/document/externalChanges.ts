import * as vscode from 'vscode';
import { watchFile } from './fileWatch';
import { baseName } from './paths';
import type { PlanDocument } from './planDocument';

/** What VS Code has to do about a document; the provider knows its editors. */
export interface DocumentCommands {
  save(document: PlanDocument): Promise<void>;
  revert(document: PlanDocument): Promise<void>;
}

/** Follows the model file and the plan file of a document as others change them. */
export function followExternalChanges(
  document: PlanDocument,
  commands: DocumentCommands,
  onError: (thrown: unknown) => void,
): vscode.Disposable {
  const planChanged = async (): Promise<void> => {
    const text = await document.planFileChanged();
    if (text !== undefined) await askAboutConflict(document, text, commands);
  };
  const watchers = [watchFile(document.uri, () => void document.modelFileChanged().catch(onError))];
  if (document.savedPlan.uri) {
    watchers.push(watchFile(document.savedPlan.uri, () => void planChanged().catch(onError)));
  }
  // It may have changed while VS Code was closed and the edits lay in a backup.
  planChanged().catch(onError);
  return vscode.Disposable.from(...watchers);
}

async function askAboutConflict(
  document: PlanDocument,
  textOnDisk: string,
  commands: DocumentCommands,
): Promise<void> {
  const overwrite = vscode.l10n.t('Overwrite');
  const reload = vscode.l10n.t('Reload');
  const keep = vscode.l10n.t('Keep Mine');
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      'The plan of {0} has changed on disk, and there are unsaved changes here.',
      baseName(document.uri),
    ),
    overwrite,
    reload,
    keep,
  );
  if (chosen === undefined) return;
  if (chosen === reload) return commands.revert(document);
  document.savedPlan.knownText = textOnDisk;
  if (chosen === overwrite) await commands.save(document);
}
