import * as vscode from 'vscode';
import { registerCommands } from './commands/registerCommands';
import { sampleNames } from './commands/openSample';
import { ModelEditorProvider } from './editor/modelEditorProvider';
import { OpenEditors } from './editor/openEditors';
import { createContextKeys } from './contextKeys';
import { createPlanDecorations } from './planDecorations';
import { createPlanFilesKey } from './planFilesKey';
import type { Platform } from './platform';
import { createPlanDiagnostics } from './problems/planDiagnostics';
import { TextDocuments } from './editor/textDocuments';
import { createStatusBar } from './statusBar';

/** Sets the extension up; everything is undone when VS Code disposes of its subscriptions. */
export function activate(context: vscode.ExtensionContext, platform: Platform): void {
  const { extensionUri, subscriptions } = context;
  const log = vscode.window.createOutputChannel('Headroom', { log: true });
  const editors = new OpenEditors();
  const texts = new TextDocuments();
  const provider = new ModelEditorProvider(extensionUri, platform, editors, texts, log);
  subscriptions.push(
    log,
    texts,
    vscode.window.registerCustomEditorProvider(ModelEditorProvider.viewType, provider, {
      supportsMultipleEditorsPerDocument: true,
      // A view that comes back asks for the whole state.
      webviewOptions: { retainContextWhenHidden: false },
    }),
    registerCommands({ extensionUri, editors, texts, platform, log }),
    createStatusBar(editors),
    createContextKeys(editors),
    createPlanDecorations(),
    createPlanDiagnostics(platform, log),
    createPlanFilesKey(),
  );
  // Not awaited: the first model opens once this has returned.
  void tellAboutSamples(extensionUri);
}

/** Menus offer samples where there are some. */
async function tellAboutSamples(extensionUri: vscode.Uri): Promise<void> {
  const samples = await sampleNames(extensionUri);
  await vscode.commands.executeCommand('setContext', 'headroom.hasSamples', samples.length > 0);
}
