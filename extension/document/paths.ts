import * as vscode from 'vscode';

/** Appended to the model's file name. */
export const planSuffix = '.plan.json';

/** Last part of the path. */
export const baseName = (uri: vscode.Uri): string => uri.path.slice(uri.path.lastIndexOf('/') + 1);

export const folderOf = (uri: vscode.Uri): vscode.Uri => vscode.Uri.joinPath(uri, '..');

/** A file beside `uri`. */
export const sibling = (uri: vscode.Uri, name: string): vscode.Uri => vscode.Uri.joinPath(uri, '..', name);

/** Where the plan of a model is saved; undefined for a version of a file (git:), which has no place of its own. */
export const planUriOf = (model: vscode.Uri): vscode.Uri | undefined =>
  model.query ? undefined : sibling(model, baseName(model) + planSuffix);

/** File systems of other versions or of hosts, where saving beside the model would do something unexpected. */
const foreignSchemes = ['git', 'vscode-vfs'];

/** May a plan be saved beside this file? */
export const isWritable = (uri: vscode.Uri): boolean =>
  !foreignSchemes.includes(uri.scheme) && vscode.workspace.fs.isWritableFileSystem(uri.scheme) === true;

/** Is this a file that the editor opens? By its name. */
export const isModel = (uri: vscode.Uri): boolean => /\.(onnx|pt2)$/.test(uri.path);

/** Is this a plan file? By its name. */
export const isPlan = (uri: vscode.Uri): boolean => uri.path.endsWith(planSuffix);
