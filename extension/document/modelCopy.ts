import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import { formatFileSize } from '../../planner-core/base/format';
import type { ModelCopy } from '../../planner-core/exporters/targets';
import { baseName } from './paths';
import { unreadable, writeBytes, type Rename } from './planFile';

/** File systems are handed whole files; larger copies are the command line's, which copies in parts. */
const maximumBytes = 1024 ** 3;

/** Writes a copy of `model` with other structure bytes. Throws 'bad-plan' for the model itself, 'limit-exceeded', 'file-access'. */
export async function writeCopy(
  target: vscode.Uri,
  model: vscode.Uri,
  { pieces }: ModelCopy,
  rename: Rename,
): Promise<void> {
  if (target.toString() === model.toString())
    throw new HeadroomError(
      'bad-plan',
      vscode.l10n.t('{0} is the model, and models are never written over.', baseName(target)),
      vscode.l10n.t('Choose another name.'),
    );
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (size > maximumBytes)
    throw new HeadroomError(
      'limit-exceeded',
      vscode.l10n.t('The copy would be {0}.', formatFileSize(size)),
      vscode.l10n.t('Write it with the command line: headroom export PLAN --target onnx --out FILE.'),
    );
  await writeBytes(target, copied(await read(model), pieces, size), rename);
}

async function read(uri: vscode.Uri): Promise<Uint8Array> {
  try {
    return await vscode.workspace.fs.readFile(uri);
  } catch (thrown) {
    throw unreadable(uri, thrown);
  }
}

function copied(source: Uint8Array, pieces: ModelCopy['pieces'], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    const part =
      piece instanceof Uint8Array ? piece : source.subarray(piece.offset, piece.offset + piece.length);
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
