import * as vscode from 'vscode';
import type { PlanDocument } from '../document/planDocument';
import { devicesText } from '../document/editLabel';

/** Makes a plan's devices and links the machine that new plans start with: the setting headroom.machine of the user. */
export async function saveMachine({ uri, inputs }: PlanDocument): Promise<void> {
  const { devices, links } = inputs;
  const machine = { devices, ...(links ? { links } : {}) };
  await vscode.workspace
    .getConfiguration('headroom', uri)
    .update('machine', machine, vscode.ConfigurationTarget.Global);
  void vscode.window.showInformationMessage(
    vscode.l10n.t('New plans start with this machine: {0}', devicesText(devices)),
  );
}
