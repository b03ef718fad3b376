import * as vscode from 'vscode';
import { isModel, isPlan, planSuffix, planUriOf } from './document/paths';

/** Marks models in the explorer that have a plan beside them. */
export class PlanDecorations implements vscode.FileDecorationProvider {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChangeFileDecorations = this.changed.event;

  async provideFileDecoration(uri: vscode.Uri): Promise<vscode.FileDecoration | undefined> {
    const plan = isModel(uri) ? planUriOf(uri) : undefined;
    if (!plan) return undefined;
    const exists = await vscode.workspace.fs.stat(plan).then(
      () => true,
      () => false,
    );
    return exists ? { badge: 'P', tooltip: vscode.l10n.t('Has a Headroom plan') } : undefined;
  }

  /** Call when a plan file has been created or deleted. */
  planFileChanged(plan: vscode.Uri): void {
    if (isPlan(plan)) this.changed.fire(plan.with({ path: plan.path.slice(0, -planSuffix.length) }));
  }
}

/** Registers the marks, and keeps them true while plan files come and go. */
export function createPlanDecorations(): vscode.Disposable {
  const provider = new PlanDecorations();
  const watcher = vscode.workspace.createFileSystemWatcher(`**/*${planSuffix}`, false, true, false);
  return vscode.Disposable.from(
    watcher,
    watcher.onDidCreate((uri) => provider.planFileChanged(uri)),
    watcher.onDidDelete((uri) => provider.planFileChanged(uri)),
    vscode.window.registerFileDecorationProvider(provider),
  );
}
