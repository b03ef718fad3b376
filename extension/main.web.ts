import * as vscode from 'vscode';
import { activate as activateOn } from './activate';
import { renameReplacing } from './document/planFile';
import type { SolverFiles } from './planner/solverFiles.web';
import { startWebWorker } from './planner/startWorker.web';

/** Entry of the extension in a browser, where there is no Node. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const read = async (name: string, type: string): Promise<Blob> => {
    const file = vscode.Uri.joinPath(context.extensionUri, 'dist', name);
    return new Blob([new Uint8Array(await vscode.workspace.fs.readFile(file))], { type });
  };
  // By content: where the extension itself lies on a remote machine, the browser host starts no worker by address.
  const script = async (name: string): Promise<string> => {
    const url = URL.createObjectURL(await read(name, 'text/javascript'));
    context.subscriptions.push(new vscode.Disposable(() => URL.revokeObjectURL(url)));
    return url;
  };
  let solver: Promise<SolverFiles> | undefined;
  const solverFiles = async (): Promise<SolverFiles> => ({
    scriptUrl: await script('solverWorker.web.js'),
    wasm: await read('highs.wasm', 'application/wasm'),
  });
  const planner = await script('plannerWorker.web.js');
  const startWorker = () => startWebWorker(planner, (solver ??= solverFiles()));
  activateOn(context, { startWorker, rename: renameReplacing });
}
