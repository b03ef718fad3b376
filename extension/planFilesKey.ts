import * as vscode from 'vscode';

const planFiles = '**/*.plan.json';

/**
 * Tells VS Code whether the workspace has plan files: menus of the source control view cannot be told for which file they
 * open, and people without plans have no use for an entry about them.
 */
export function createPlanFilesKey(): vscode.Disposable {
  const tell = (has: boolean): void =>
    void vscode.commands.executeCommand('setContext', 'headroom.hasPlans', has);
  const look = async (): Promise<void> =>
    tell((await vscode.workspace.findFiles(planFiles, undefined, 1)).length > 0);
  const watcher = vscode.workspace.createFileSystemWatcher(planFiles, false, true, false);
  void look();
  return vscode.Disposable.from(
    watcher,
    watcher.onDidCreate(() => tell(true)),
    watcher.onDidDelete(() => void look()),
  );
}
