import * as vscode from 'vscode';

/** Opens the file the command was called on, or one chosen in a dialog. */
export async function openModel(argument: unknown, viewType: string): Promise<void> {
  const uri = argument instanceof vscode.Uri ? argument : await chooseModel();
  if (uri) await vscode.commands.executeCommand('vscode.openWith', uri, viewType);
}

async function chooseModel(): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    filters: { [vscode.l10n.t('Models')]: ['onnx', 'pt2'] },
    title: vscode.l10n.t('Open a Model'),
  });
  return chosen?.[0];
}
