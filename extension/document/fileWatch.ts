import * as vscode from 'vscode';
import { baseName, folderOf } from './paths';

/** Files are often written in several parts: react once they have been quiet for a moment. */
export const settleMs = 250;

/** Calls `onChange` after a file was created, changed, replaced or deleted, inside or outside the workspace. */
export function watchFile(file: vscode.Uri, onChange: () => void): vscode.Disposable {
  // A name may hold characters that mean something in a glob, which has no escape: "?" stands for any one of them.
  const pattern = new vscode.RelativePattern(folderOf(file), baseName(file).replace(/[*?[\]{}!]/g, '?'));
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = (uri: vscode.Uri): void => {
    if (uri.path !== file.path) return;
    clearTimeout(timer);
    timer = setTimeout(onChange, settleMs);
  };
  const subscriptions = [
    watcher.onDidCreate(changed),
    watcher.onDidChange(changed),
    watcher.onDidDelete(changed),
    watcher,
  ];
  return new vscode.Disposable(() => {
    clearTimeout(timer);
    for (const subscription of subscriptions) subscription.dispose();
  });
}
