import * as vscode from 'vscode';
import { plannerText } from './plannerText';
import { formatMemory } from '../planner-core/base/format';
import type { PlanView } from '../planner-core/session/types';
import type { PlanDocument } from './document/planDocument';
import type { OpenEditors } from './editor/openEditors';

/** Shows the predicted peak and the budget of the active model. */
export function createStatusBar(editors: OpenEditors): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('headroom.budget', vscode.StatusBarAlignment.Right, 100);
  item.name = vscode.l10n.t('Headroom Budget');
  item.command = 'headroom.setBudget';
  let unsubscribe = (): void => undefined;
  const follow = (document: PlanDocument | undefined): void => {
    unsubscribe();
    if (!document) return item.hide();
    const draw = (): void => show(item, document.store.state.plan);
    unsubscribe = document.store.subscribe(({ parts, cleared }) => {
      if (parts.plan || cleared.includes('plan')) draw();
    });
    draw();
  };
  const listener = editors.onDidChangeActive(follow);
  return new vscode.Disposable(() => {
    unsubscribe();
    listener.dispose();
    item.dispose();
  });
}

function show(item: vscode.StatusBarItem, view: PlanView | undefined): void {
  if (!view) return item.hide();
  const { budgetBytes, prediction } = view.plan;
  item.text = `$(dashboard) ${peakAndBudget(prediction.peakBytes, budgetBytes)}`;
  item.tooltip = view.infeasible
    ? plannerText(view.infeasible.message)
    : vscode.l10n.t('Predicted peak memory / budget. Click to set the budget.');
  item.accessibilityInformation = {
    label: vscode.l10n.t(
      'Peak {0}, budget {1}',
      formatMemory(prediction.peakBytes),
      formatMemory(budgetBytes),
    ),
  };
  item.backgroundColor = view.infeasible
    ? new vscode.ThemeColor('statusBarItem.warningBackground')
    : undefined;
  item.show();
}

/** "7.90 / 8.00 GiB"; both units when they differ. */
export function peakAndBudget(peakBytes: number, budgetBytes: number): string {
  const [peak, peakUnit] = formatMemory(peakBytes).split(' ');
  const [budget, budgetUnit] = formatMemory(budgetBytes).split(' ');
  return peakUnit === budgetUnit
    ? `${peak} / ${budget} ${budgetUnit}`
    : `${peak} ${peakUnit} / ${budget} ${budgetUnit}`;
}
