import * as vscode from 'vscode';
import {
  exportGroupNames,
  exportGroups,
  exportNames,
  targetsOfGroup,
  type ExportTarget,
} from '../../planner-core/exporters/targets';

/** Asks for a form to export to, in groups; undefined when nobody chose. */
export async function chooseExport(): Promise<ExportTarget | undefined> {
  const items = exportGroups.flatMap((group): (vscode.QuickPickItem & { target?: ExportTarget })[] => [
    { label: vscode.l10n.t(exportGroupNames[group]), kind: vscode.QuickPickItemKind.Separator },
    ...targetsOfGroup[group].map((target) => ({
      label: vscode.l10n.t(exportNames[target]),
      description: target,
      target,
    })),
  ]);
  const placeHolder = vscode.l10n.t('What the plan is to be exported to');
  const chosen = await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true });
  return chosen?.target;
}
