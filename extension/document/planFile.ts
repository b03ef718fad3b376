import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import { baseName, sibling } from './paths';

/** Gives a file another name, replacing what has that name, in one step where the file system can. */
export type Rename = (from: vscode.Uri, to: vscode.Uri) => Promise<void>;

/** Renames through VS Code, on any file system. */
export const renameReplacing: Rename = async (from, to) =>
  vscode.workspace.fs.rename(from, to, { overwrite: true });

/** Text of a file; undefined when there is none. Throws 'file-access' when it cannot be read. */
export async function readText(uri: vscode.Uri): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch (thrown) {
    if (thrown instanceof vscode.FileSystemError && thrown.code === 'FileNotFound') return undefined;
    throw unreadable(uri, thrown);
  }
}

/**
 * Writes a file whole or not at all: into a temporary file beside it, which then takes its name. Throws 'file-access';
 * the file then has its old content.
 */
export function writeWhole(uri: vscode.Uri, text: string, rename: Rename): Promise<void> {
  return writeBytes(uri, new TextEncoder().encode(text), rename);
}

/** Like `writeWhole`. */
export async function writeBytes(uri: vscode.Uri, bytes: Uint8Array, rename: Rename): Promise<void> {
  const { fs } = vscode.workspace;
  const temporary = sibling(uri, `.${baseName(uri)}.${crypto.randomUUID().slice(0, 8)}.tmp`);
  try {
    await fs.writeFile(temporary, bytes);
    await rename(temporary, uri);
  } catch (thrown) {
    await removeQuietly(temporary);
    throw new HeadroomError(
      'file-access',
      vscode.l10n.t('{0} could not be written: {1}', baseName(uri), messageOf(thrown)),
      vscode.l10n.t('Save it somewhere else with Save As.'),
    );
  }
}

/** The failure that led here is the one to report; what is left behind is a hidden temporary file. */
async function removeQuietly(uri: vscode.Uri): Promise<void> {
  await vscode.workspace.fs.delete(uri).then(undefined, () => undefined);
}

/** 'file-access', with what the file system says. */
export function unreadable(uri: vscode.Uri, thrown: unknown): HeadroomError {
  return new HeadroomError(
    'file-access',
    vscode.l10n.t('{0} could not be read: {1}', baseName(uri), messageOf(thrown)),
    vscode.l10n.t('Check that it is a file and may be read.'),
  );
}

/** As a sentence; file systems do not always end theirs. */
const messageOf = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).replace(/\.?$/, '.');

/** Extensions of model files: no plan or export is ever written under such a name. */
const modelExtension = /\.(onnx|pt2|pt|pth|safetensors|gguf|h5|keras|tflite|pb|bin|mlir)$/i;

/** Throws 'bad-plan' when `target` is the model, or named like one: models are never written. */
export function guardModel(target: vscode.Uri, model: vscode.Uri): void {
  const name = baseName(target);
  if (target.toString() !== model.toString() && !modelExtension.test(name)) return;
  throw new HeadroomError(
    'bad-plan',
    vscode.l10n.t('{0} is the name of a model, and models are never written.', name),
    vscode.l10n.t('Choose a name that ends in .plan.json.'),
  );
}

/** Throws 'bad-plan' when `target` exists and `isPlan` does not recognise it: a save must not destroy it. */
export async function guardForeign(
  target: vscode.Uri,
  isPlan: (text: string) => Promise<boolean>,
): Promise<void> {
  const existing = await readText(target);
  if (existing === undefined || (await isPlan(existing))) return;
  throw new HeadroomError(
    'bad-plan',
    vscode.l10n.t('{0} exists and is not a plan that this version can read.', baseName(target)),
    vscode.l10n.t('Choose another name, or mend or delete the file first.'),
  );
}
