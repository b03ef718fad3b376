import * as vscode from 'vscode';
import { plannerText } from './plannerText';
import { formatMemory } from '../planner-core/base/format';
import { deviceState, deviceStateText, tightestDevice } from '../planner-core/plan/deviceMemory';
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
  const verdict = verdictOf(view);
  item.text = `$(dashboard) ${peakAndBudget(prediction.peakBytes, budgetBytes)}${verdict.mark}`;
  const meaning = vscode.l10n.t('Predicted peak memory / budget. Click to set the budget.');
  item.tooltip = [verdict.text, meaning].filter(Boolean).join('\n');
  item.accessibilityInformation = {
    label: [
      vscode.l10n.t('Peak {0}, budget {1}', formatMemory(prediction.peakBytes), formatMemory(budgetBytes)),
      verdict.text,
    ]
      .filter(Boolean)
      .join(', '),
  };
  item.backgroundColor = verdict.colour === undefined ? undefined : new vscode.ThemeColor(verdict.colour);
  item.show();
}

/** Whether the plan fits, as the view's first sentence has it; `mark`: what of it goes beside the numbers. */
function verdictOf({ infeasible, allocators }: PlanView): { text: string; mark: string; colour?: string } {
  const error = { mark: ` · ${vscode.l10n.t('does not fit')}`, colour: 'statusBarItem.errorBackground' };
  if (infeasible) return { ...error, text: plannerText(infeasible.message) };
  const tightest = tightestDevice(allocators ?? []);
  if (!tightest) return { text: '', mark: '' };
  const text = vscode.l10n.t(
    '{0}: {1} of {2} in nvidia-smi',
    plannerText(deviceStateText(tightest)),
    formatMemory(tightest.totalBytes),
    formatMemory(tightest.memoryBytes),
  );
  switch (deviceState(tightest)) {
    case 'fits':
      return { text, mark: '' };
    case 'just-fits':
      return {
        text,
        mark: ` · ${vscode.l10n.t('just fits')}`,
        colour: 'statusBarItem.warningBackground',
      };
    case 'does-not-fit':
      return { ...error, text };
  }
}

/** "7.90 / 8.00 GiB"; both units when they differ. */
export function peakAndBudget(peakBytes: number, budgetBytes: number): string {
  const [peak, peakUnit] = formatMemory(peakBytes).split(' ');
  const [budget, budgetUnit] = formatMemory(budgetBytes).split(' ');
  return peakUnit === budgetUnit
    ? `${peak} / ${budget} ${budgetUnit}`
    : `${peak} ${peakUnit} / ${budget} ${budgetUnit}`;
}
