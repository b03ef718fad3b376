import * as vscode from 'vscode';
import { baseName, isModel, planSuffix, sibling } from './paths';

/** Models that a plan file can be for: the file it names, then the one it is named after; those that are there. */
export async function modelsOfPlan(plan: vscode.Uri, file: string): Promise<vscode.Uri[]> {
  const candidates = [...new Set([file, baseName(plan).slice(0, -planSuffix.length)])];
  const models: vscode.Uri[] = [];
  for (const candidate of candidates.map((name) => sibling(plan, name)).filter(isModel))
    if (await exists(candidate)) models.push(candidate);
  return models;
}

const exists = (uri: vscode.Uri): Promise<boolean> =>
  Promise.resolve(vscode.workspace.fs.stat(uri)).then(
    () => true,
    () => false,
  );
