import * as vscode from 'vscode';
import { baseName } from '../document/paths';
import type { PlanDocument } from '../document/planDocument';

/** Puts the report of a plan on the clipboard, to paste into a ticket or a pull request. */
export async function copyMarkdown(document: PlanDocument): Promise<void> {
  const [{ text }] = (await document.export('markdown')).files;
  await vscode.env.clipboard.writeText(text);
  void vscode.window.showInformationMessage(
    vscode.l10n.t('Copied the report of {0} as Markdown.', baseName(document.uri)),
  );
}
