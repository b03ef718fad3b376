import * as vscode from 'vscode';
import { activate as activateOn } from './activate';
import { renameReplacing } from './document/planFile';
import { startWebWorker } from './planner/startWorker.web';

/** Entry of the extension in a browser, where there is no Node. */
export function activate(context: vscode.ExtensionContext): Promise<void> {
  const script = vscode.Uri.joinPath(context.extensionUri, 'dist', 'plannerWorker.web.js').toString(true);
  return activateOn(context, { startWorker: () => startWebWorker(script), rename: renameReplacing });
}
