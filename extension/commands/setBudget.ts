import * as vscode from 'vscode';
import { formatMemory, parseMemory } from '../../planner-core/base/format';
import type { PlanDocument } from '../document/planDocument';

/** Asks for a budget; an empty answer means all of the device's memory. */
export async function setBudget(document: PlanDocument): Promise<void> {
  const { budgetBytes, devices } = document.inputs;
  const deviceMemory = formatMemory(devices[0].memoryBytes);
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Memory Budget'),
    prompt: vscode.l10n.t('For example 8 GiB. Empty: all of the device memory, {0}.', deviceMemory),
    value: budgetBytes === undefined ? '' : formatMemory(budgetBytes),
    validateInput: (value) =>
      value.trim() === '' || parseBudget(value) !== undefined
        ? undefined
        : vscode.l10n.t('Not a size: write a number and a unit, such as 7.5 GiB.'),
  });
  if (text === undefined) return;
  await document.edit({ kind: 'budget', budgetBytes: parseBudget(text) });
}

/** undefined for what is no positive size. */
export function parseBudget(text: string): number | undefined {
  const bytes = parseMemory(text);
  return bytes !== undefined && bytes > 0 ? bytes : undefined;
}
