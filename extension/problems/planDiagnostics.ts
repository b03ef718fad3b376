import * as vscode from 'vscode';
import { toErrorValue } from '../../planner-core/base/errors';
import { modelsOfPlan } from '../document/modelOfPlan';
import { isPlan, baseName } from '../document/paths';
import { Serial } from '../document/serial';
import { modelSource } from '../planner/modelSource';
import { PlannerHost } from '../planner/plannerHost';
import type { Platform } from '../platform';
import { readSettings } from '../settings';
import { errorText } from '../userError';
import { placeInJson } from './placeInJson';
import { planProblem } from './planProblem';

/**
 * Lists under Problems what is wrong with the plan files that are open as text: checked when they are opened or saved, and
 * when a model of the workspace changes. Files are checked one at a time, each by a planner of its own.
 */
export function createPlanDiagnostics(
  platform: Platform,
  log: Pick<vscode.LogOutputChannel, 'error'>,
): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection('headroom');
  const serial = new Serial();
  const check = async (document: vscode.TextDocument): Promise<void> => {
    if (document.isClosed) return;
    const { version } = document;
    const problem = await planProblem(document.getText(), (file) =>
      openBeside(document.uri, file, platform.startWorker),
    );
    // Whoever goes on typing gets the answer for what is saved next.
    if (document.isClosed || document.version !== version) return;
    collection.set(document.uri, problem ? [diagnosticOf(document, problem)] : []);
  };
  const request = (document: vscode.TextDocument): void => {
    if (!isPlan(document.uri)) return;
    serial
      .run(() => check(document))
      .catch((thrown: unknown) => log.error(`${baseName(document.uri)}: ${toErrorValue(thrown).message}`));
  };
  const requestAll = (): void => vscode.workspace.textDocuments.forEach(request);
  const models = vscode.workspace.createFileSystemWatcher('**/*.{onnx,pt2}');
  requestAll();
  return vscode.Disposable.from(
    collection,
    models,
    models.onDidCreate(requestAll),
    models.onDidChange(requestAll),
    vscode.workspace.onDidOpenTextDocument(request),
    vscode.workspace.onDidSaveTextDocument(request),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => collection.delete(uri)),
  );
}

/** A planner with the model that a plan is for: the file it names, or the one the plan is named after. */
async function openBeside(
  plan: vscode.Uri,
  file: string,
  startWorker: Platform['startWorker'],
): Promise<PlannerHost | undefined> {
  for (const model of await modelsOfPlan(plan, file)) {
    const planner = new PlannerHost(startWorker, () => undefined);
    const { maxRemoteFileSizeMB } = readSettings(model);
    if ((await planner.open(() => modelSource(model, maxRemoteFileSizeMB))).ok) return planner;
    planner.dispose();
  }
  return undefined;
}

function diagnosticOf(
  document: vscode.TextDocument,
  { error, at }: NonNullable<Awaited<ReturnType<typeof planProblem>>>,
): vscode.Diagnostic {
  const { offset, length } = placeInJson(document.getText(), at);
  const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
  const severity =
    error.code === 'bad-plan' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
  const diagnostic = new vscode.Diagnostic(range, errorText(error), severity);
  diagnostic.source = 'Headroom';
  diagnostic.code = error.code;
  return diagnostic;
}
