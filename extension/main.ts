import { rename } from 'node:fs/promises';
import * as vscode from 'vscode';
import { activate as activateOn } from './activate';
import { renameReplacing, type Rename } from './document/planFile';
import { startNodeWorker } from './planner/startWorker.node';

/** Entry of the extension on Node: VS Code on the desktop, remotes, containers. */
export function activate(context: vscode.ExtensionContext): void {
  const script = vscode.Uri.joinPath(context.extensionUri, 'dist', 'plannerWorker.js').fsPath;
  activateOn(context, { startWorker: () => startNodeWorker(script), rename: renameOnNode });
}

/** VS Code deletes the target before it renames; on a local disk the system can do both in one step. */
const renameOnNode: Rename = (from, to) =>
  to.scheme === 'file' ? rename(from.fsPath, to.fsPath) : renameReplacing(from, to);
