import * as vscode from 'vscode';
import { staysInFolder } from '../planner-core/base/confinedPath';
import { HeadroomError } from '../planner-core/base/errors';
import { parseCalibration, type NamedCalibration } from '../planner-core/devices/calibration';
import { baseName } from './document/paths';
import { readText } from './document/planFile';

/** A calibration is a page of text: what is larger is some other file. */
const maxBytes = 1024 ** 2;

/**
 * Reads the calibration that the setting names, a path relative to `folder`; undefined for ''. Throws 'external-path'
 * for a place outside of the folder, 'file-access' and 'bad-calibration'.
 */
export async function readCalibration(
  location: string,
  folder: vscode.Uri,
): Promise<NamedCalibration | undefined> {
  if (location === '') return undefined;
  if (!staysInFolder(location)) {
    throw new HeadroomError(
      'external-path',
      vscode.l10n.t('The calibration file {0} is not in the workspace.', location),
      vscode.l10n.t('Give a path relative to the workspace folder.'),
    );
  }
  const uri = vscode.Uri.joinPath(folder, ...location.split(/[/\\]/));
  const size = await vscode.workspace.fs.stat(uri).then(
    (found) => found.size,
    () => undefined,
  );
  if (size !== undefined && size > maxBytes) {
    throw new HeadroomError('bad-calibration', vscode.l10n.t('{0} is too large.', baseName(uri)));
  }
  const text = await readText(uri);
  if (text === undefined) {
    throw new HeadroomError('file-access', vscode.l10n.t('There is no calibration file {0}.', location));
  }
  return { file: baseName(uri), calibration: parseCalibration(text) };
}
