import * as vscode from 'vscode';
import { calibrationText } from '../../planner-core/devices/calibration';
import { maxMeasurementBytes } from '../../planner-core/measurements/readMeasurements';
import { baseName, sibling } from '../document/paths';
import type { PlanDocument } from '../document/planDocument';
import { guardModel, writeWhole, type Rename } from '../document/planFile';
import { modelSource } from '../planner/modelSource';

const bytesPerMB = 1e6;

/** Asks for files of measurements and shows what they say beside what is predicted. */
export async function loadMeasurements(document: PlanDocument): Promise<void> {
  const chosen = await vscode.window.showOpenDialog({
    canSelectMany: true,
    defaultUri: sibling(document.uri, ''),
    openLabel: vscode.l10n.t('Load'),
    title: vscode.l10n.t('Load measurements of {0}', baseName(document.uri)),
    filters: {
      [vscode.l10n.t('Traces, profiles, memory snapshots, tables')]: ['json', 'gz', 'pickle', 'pkl', 'csv'],
      [vscode.l10n.t('All files')]: ['*'],
    },
  });
  if (!chosen || chosen.length === 0) return;
  const files = await Promise.all(chosen.map((uri) => modelSource(uri, maxMeasurementBytes / bytesPerMB)));
  const { match, memory } = await document.loadMeasurements(files);
  const message =
    match.steps > 0
      ? vscode.l10n.t(
          'Measured: {0} of {1} layers, {2} % of the recorded time.',
          match.matchedNodes,
          match.nodes,
          Math.floor(100 * match.timeShare),
        )
      : vscode.l10n.t('Measured: the memory of {0}.', memory?.device ?? '');
  void vscode.window.showInformationMessage(message);
}

/** Fits a calibration of the first device to what is loaded, writes it where a person says, and plans with it. */
export async function calibrateDevice(document: PlanDocument, rename: Rename): Promise<void> {
  const calibration = await document.calibrate();
  const fileName = `${calibration.device.replaceAll(/[^\w-]+/g, '-').toLowerCase()}.calibration.json`;
  const chosen = await vscode.window.showSaveDialog({
    defaultUri: sibling(document.uri, fileName),
    filters: { JSON: ['json'] },
    title: vscode.l10n.t('Save the calibration of {0}', calibration.device),
  });
  if (!chosen) return;
  guardModel(chosen, document.uri);
  await writeWhole(chosen, calibrationText(calibration), rename);
  await document.useCalibration({ file: baseName(chosen), calibration });
  await rememberCalibration(chosen, document.uri);
}

/** Plans of other models in the folder start with it too. Settings name files of the workspace only. */
async function rememberCalibration(file: vscode.Uri, model: vscode.Uri): Promise<void> {
  const folder = vscode.workspace.getWorkspaceFolder(file);
  if (!folder || folder !== vscode.workspace.getWorkspaceFolder(model)) return;
  const relative = vscode.workspace.asRelativePath(file, false);
  await vscode.workspace
    .getConfiguration('headroom', folder.uri)
    .update('calibrationFile', relative, vscode.ConfigurationTarget.Workspace);
}
