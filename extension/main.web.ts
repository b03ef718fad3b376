import * as vscode from 'vscode';
import { activate as activateOn } from './activate';
import { renameReplacing } from './document/planFile';
import { startWebWorker } from './planner/startWorker.web';

/** Entry of the extension in a browser, where there is no Node. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const script = vscode.Uri.joinPath(context.extensionUri, 'dist', 'plannerWorker.web.js');
  // By content: where the extension itself lies on a remote machine, the browser host starts no worker by address.
  const bytes = new Uint8Array(await vscode.workspace.fs.readFile(script));
  const content = new Blob([bytes], { type: 'text/javascript' });
  const scriptUrl = URL.createObjectURL(content);
  context.subscriptions.push(new vscode.Disposable(() => URL.revokeObjectURL(scriptUrl)));
  await activateOn(context, { startWorker: () => startWebWorker(scriptUrl), rename: renameReplacing });
}
