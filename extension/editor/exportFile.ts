import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import { notCarriedLines, type Export, type ExportTarget } from '../../planner-core/exporters/targets';
import { baseName, sibling } from '../document/paths';
import type { PlanDocument } from '../document/planDocument';
import { guardModel, writeBytes, writeWhole, type Rename } from '../document/planFile';
import { writeCopy } from '../document/modelCopy';
import { plannerText } from '../plannerText';
import type { TextDocuments } from './textDocuments';

/** What is told of an export. */
type Said = Pick<Export, 'notCarried' | 'carried' | 'warnings'>;

/**
 * Asks where to, and writes the export there; further files lie beside it. Without an answer nothing happens. Throws
 * when it cannot be written.
 */
export async function exportToFile(
  document: PlanDocument,
  target: ExportTarget,
  { rename, texts }: { readonly rename: Rename; readonly texts: TextDocuments },
): Promise<void> {
  const exported = await document.export(target);
  const chosen = await askForPlace(document, (exported.copy ?? exported.files[0]).suffix);
  if (!chosen) return;
  if (exported.copy) await writeCopy(chosen, document.uri, exported.copy, rename);
  else await writeFiles(chosen, document, exported, rename);
  await vscode.commands.executeCommand('setContext', 'headroom.exported', true);
  void offerToOpen(chosen, exported, texts);
}

/** Asks where to, and writes a picture or a table that a view has made there. Without an answer nothing happens. */
export async function saveMadeFile(
  document: PlanDocument,
  suffix: string,
  bytes: Uint8Array,
  rename: Rename,
): Promise<void> {
  const chosen = await askForPlace(document, suffix);
  if (!chosen) return;
  guardModel(chosen, document.uri);
  await writeBytes(chosen, bytes, rename);
  void offerToOpen(chosen);
}

/** A file whose name ends in `suffix`, beside the model unless told otherwise; undefined without an answer. */
async function askForPlace(document: PlanDocument, suffix: string): Promise<vscode.Uri | undefined> {
  const extension = suffix.slice(suffix.lastIndexOf('.') + 1);
  return vscode.window.showSaveDialog({
    defaultUri: exportPlace(document, baseName(document.uri) + suffix),
    filters: { [extension.toUpperCase()]: [extension] },
    title: vscode.l10n.t('Export {0}', baseName(document.uri)),
  });
}

async function writeFiles(
  chosen: vscode.Uri,
  document: PlanDocument,
  { files }: Export,
  rename: Rename,
): Promise<void> {
  const [, ...others] = files;
  const beside = others.map(({ suffix }) => sibling(chosen, baseName(document.uri) + suffix));
  const places = [chosen, ...beside];
  if (beside.some((place) => place.toString() === chosen.toString()))
    throw new HeadroomError(
      'file-access',
      vscode.l10n.t('{0} is the name of another file of this export.', baseName(chosen)),
      vscode.l10n.t('Choose another name.'),
    );
  for (const [i, place] of places.entries()) {
    guardModel(place, document.uri);
    await writeWhole(place, files[i].text, rename);
  }
}

/** Not awaited by the export: the message may stay for as long as the person likes. */
async function offerToOpen(
  file: vscode.Uri,
  exported: Said = { notCarried: [], carried: [] },
  texts?: TextDocuments,
): Promise<void> {
  const open = vscode.l10n.t('Open');
  const show = vscode.l10n.t('Show');
  const { notCarried, warnings = [] } = exported;
  const done = vscode.l10n.t('Exported {0}.', baseName(file));
  // A plan that does not run is worse than one that is not said whole.
  const text = [done, ...warnings.map(plannerText), ...notCarriedText(notCarried)].join(' ');
  const answer =
    notCarried.length === 0 && warnings.length === 0
      ? await vscode.window.showInformationMessage(done, open)
      : await vscode.window.showWarningMessage(text, show, open);
  if (answer === open) await vscode.commands.executeCommand('vscode.open', file);
  else if (answer === show && texts) await showDetails(texts, file, exported);
}

function notCarriedText(notCarried: Export['notCarried']): string[] {
  if (notCarried.length === 0) return [];
  const decisions = notCarried.map(({ decision }) => decision).join('; ');
  return [vscode.l10n.t('What of the plan it cannot say: {0}.', decisions)];
}

/** What the export says of the plan and what it does not, in an editor of its own. */
async function showDetails(
  texts: TextDocuments,
  file: vscode.Uri,
  { notCarried, carried, warnings = [] }: Said,
): Promise<void> {
  const content = [
    baseName(file),
    '',
    ...warnings.flatMap((text) => [plannerText(text), '']),
    ...carried.map((line) => vscode.l10n.t('Carried: {0}', line)),
    '',
    ...notCarriedLines(notCarried),
    '',
  ].join('\n');
  const details = texts.add(`${baseName(file)}.txt`, content);
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(details), { preview: true });
}

/** Next to the model; for a model that has no place of its own, in the workspace. */
export function exportPlace(document: PlanDocument, name: string): vscode.Uri | undefined {
  if (!document.readOnly) return sibling(document.uri, name);
  const folder = vscode.workspace.workspaceFolders?.[0];
  return folder && vscode.Uri.joinPath(folder.uri, name);
}
