import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import { formatFileSize } from '../../planner-core/base/format';
import type { ModelSource } from '../../planner-core/protocol/plannerService';
import { baseName } from '../document/paths';
import { unreadable } from '../document/planFile';

const bytesPerMB = 1e6;

/**
 * What the planner opens: the path of a local file, which it then reads in parts; other file systems can only be read
 * whole, so there files above `maxRemoteFileSizeMB` are refused with 'limit-exceeded'. Throws 'file-access'.
 */
export async function modelSource(uri: vscode.Uri, maxRemoteFileSizeMB: number): Promise<ModelSource> {
  if (uri.scheme === 'file') return { kind: 'path', path: uri.fsPath };
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > maxRemoteFileSizeMB * bytesPerMB) throw tooLarge(size, maxRemoteFileSizeMB);
    return { kind: 'bytes', name: baseName(uri), bytes: await vscode.workspace.fs.readFile(uri) };
  } catch (thrown) {
    throw thrown instanceof HeadroomError ? thrown : unreadable(uri, thrown);
  }
}

function tooLarge(sizeBytes: number, maxRemoteFileSizeMB: number): HeadroomError {
  return new HeadroomError(
    'limit-exceeded',
    vscode.l10n.t(
      'The model is {0}; files of this file system are read whole, up to {1}.',
      formatFileSize(sizeBytes),
      formatFileSize(maxRemoteFileSizeMB * bytesPerMB),
    ),
    vscode.l10n.t('Raise the setting headroom.maxRemoteFileSizeMB, or open the model from a local folder.'),
  );
}
