import * as vscode from 'vscode';
import type { PlanDocument } from '../document/planDocument';

type DocumentEdit = vscode.CustomDocumentEditEvent<PlanDocument>;

const shownForMs = 6000;

/** The edit with its name in the status bar when it is undone or redone: VS Code keeps the names of its undo list to itself. */
export function toldEdit(edit: DocumentEdit): DocumentEdit {
  const { document, label = '' } = edit;
  return {
    document,
    label,
    async undo() {
      await edit.undo();
      vscode.window.setStatusBarMessage(vscode.l10n.t('Undone: {0}', label), shownForMs);
    },
    async redo() {
      await edit.redo();
      vscode.window.setStatusBarMessage(vscode.l10n.t('Redone: {0}', label), shownForMs);
    },
  };
}
