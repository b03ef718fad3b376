import * as vscode from 'vscode';
import { formatMemory } from '../../planner-core/base/format';
import { eachDevice } from '../../planner-core/devices/machine';
import type { PlanDocument } from '../document/planDocument';
import type { OpenEditors } from '../editor/openEditors';
import { layersMeant } from './layersMeant';

/** Asks for a device of the machine that layers are to run on, and pins them to it, or hands that back to the planner. */
export async function placeLayers(
  document: PlanDocument,
  editors: OpenEditors,
  argument: unknown,
): Promise<void> {
  const targets = await layersMeant(document, editors, argument);
  if (targets.length === 0) return;
  const chosen = await vscode.window.showQuickPick(
    [
      ...eachDevice(document.inputs.devices).map(({ id, name, memoryBytes }) => ({
        label: id,
        description: [name, formatMemory(memoryBytes)].join(' · '),
        device: id,
      })),
      { label: vscode.l10n.t('The planner decides'), device: undefined },
    ],
    { title: vscode.l10n.t('Device'), matchOnDescription: true },
  );
  if (chosen) await document.edit({ kind: 'device', targets, device: chosen.device });
}
