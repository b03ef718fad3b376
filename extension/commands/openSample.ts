import * as vscode from 'vscode';

const samplesFolder = (extensionUri: vscode.Uri): vscode.Uri => vscode.Uri.joinPath(extensionUri, 'samples');

/** File names of the sample models that come with this extension. */
export async function sampleNames(extensionUri: vscode.Uri): Promise<string[]> {
  const entries = await vscode.workspace.fs.readDirectory(samplesFolder(extensionUri)).then(
    (found) => found,
    () => [],
  );
  return entries
    .map(([name]) => name)
    .filter((name) => /\.(onnx|pt2)$/.test(name))
    .sort();
}

export async function openSample(extensionUri: vscode.Uri, viewType: string): Promise<void> {
  const name = await vscode.window.showQuickPick(sampleNames(extensionUri), {
    title: vscode.l10n.t('Open a Sample Model'),
  });
  if (!name) return;
  const uri = vscode.Uri.joinPath(samplesFolder(extensionUri), name);
  await vscode.commands.executeCommand('vscode.openWith', uri, viewType);
}
