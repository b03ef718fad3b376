import * as vscode from 'vscode';
import { exportNames, exportTargets, type ExportTarget } from '../../planner-core/exporters/targets';

/** Asks for a form to export to; undefined when nobody chose. */
export async function chooseExport(): Promise<ExportTarget | undefined> {
  const items = exportTargets.map((target) => ({
    label: vscode.l10n.t(exportNames[target]),
    description: target,
    target,
  }));
  const placeHolder = vscode.l10n.t('What the plan is to be exported to');
  const chosen = await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true });
  return chosen?.target;
}
