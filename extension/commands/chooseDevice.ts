import * as vscode from 'vscode';
import { formatMemory } from '../../planner-core/base/format';
import { deviceCatalogue } from '../../planner-core/devices/catalogue';
import type { PlanDocument } from '../document/planDocument';

/** Asks for the device that the budget is for; other devices of the plan stay. */
export async function chooseDevice(document: PlanDocument): Promise<void> {
  const [current, ...others] = document.inputs.devices;
  // A list begins at its first entry; `picked` is only for lists to choose several from.
  const currentFirst = [...deviceCatalogue].sort(
    (a, b) => Number(b.name === current.name) - Number(a.name === current.name),
  );
  const items = currentFirst.map(({ name, memoryBytes }) => ({
    label: name,
    description:
      name === current.name
        ? vscode.l10n.t('{0}, in use', formatMemory(memoryBytes))
        : formatMemory(memoryBytes),
    device: { id: current.id, name, memoryBytes },
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Device'),
    placeHolder: current.name,
    matchOnDescription: true,
  });
  if (chosen) await document.edit({ kind: 'devices', devices: [chosen.device, ...others] });
}
