import * as vscode from 'vscode';
import type { ViewToHost } from '../../planner-core/protocol/messages';
import { showComparison } from '../compare/comparedText';
import { compareWithSource } from '../compare/compareWithSource';
import { baseName } from '../document/paths';
import type { PlanDocument } from '../document/planDocument';
import type { Rename } from '../document/planFile';
import { inOneBuffer } from '../view/oneBuffer';
import { ViewConnection, type ViewActions } from '../view/viewConnection';
import { newNonce, webviewHtml } from '../view/webviewHtml';
import { chooseSizesFile } from './chooseSizesFile';
import { exportToFile, saveMadeFile } from './exportFile';
import type { OpenEditors } from './openEditors';
import { openSource } from './openSource';
import { saveMachine } from './saveMachine';
import type { TextDocuments } from './textDocuments';

export interface ViewContext {
  readonly extensionUri: vscode.Uri;
  readonly editors: OpenEditors;
  readonly texts: TextDocuments;
  readonly log: vscode.LogOutputChannel;
  readonly rename: Rename;
}

/** Puts the view into a panel and answers it as long as the panel lives; returns the connection to ask it something. */
export function connectView(
  document: PlanDocument,
  { webview, onDidDispose }: vscode.WebviewPanel,
  context: ViewContext,
): ViewConnection {
  const dist = vscode.Uri.joinPath(context.extensionUri, 'dist');
  const media = vscode.Uri.joinPath(context.extensionUri, 'media');
  webview.options = { enableScripts: true, localResourceRoots: [dist, media] };
  const connection = new ViewConnection(
    document.store,
    actionsOf(document, context),
    (message) => void webview.postMessage(inOneBuffer(message)),
    ({ code, message }) => context.log.error(`${baseName(document.uri)}: ${code}: ${message}`),
  );
  const subscription = webview.onDidReceiveMessage((message: ViewToHost) => connection.receive(message));
  onDidDispose(() => {
    subscription.dispose();
    connection.dispose();
  });
  webview.html = webviewHtml({
    scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'webview.js')).toString(),
    styleUri: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'webview.css')).toString(),
    cspSource: webview.cspSource,
    nonce: newNonce(),
    language: vscode.env.language,
    title: baseName(document.uri),
    texts: vscode.l10n.bundle,
  });
  return connection;
}

function actionsOf(document: PlanDocument, { editors, log, rename, texts }: ViewContext): ViewActions {
  /** VS Code's undo stack and save act on the active editor. */
  const inEditor = async (command: string): Promise<void> => {
    editors.reveal(document);
    await vscode.commands.executeCommand(command);
  };
  return {
    edit: (edit) => document.edit(edit),
    // An edit that the view asked for before has to be on VS Code's stack by then, one asked for later not yet.
    undo: () => document.inTurn(() => inEditor('undo')),
    redo: () => document.inTurn(() => inEditor('redo')),
    save: () => inEditor('workbench.action.files.save'),
    export: (target) => exportToFile(document, target, { rename, texts }),
    picture: async (target) => {
      const [{ text, suffix }] = (await document.export(target)).files;
      return { svg: text, suffix: suffix.replace(/\.svg$/, '.png') };
    },
    saveFile: (suffix, bytes) => saveMadeFile(document, suffix, bytes, rename),
    cancel: () => document.cancel(),
    ask: (question) => document.questions.askGoals(question),
    askSplit: (question) => document.questions.askSplit(question),
    askScale: (question) => document.questions.askScale(question),
    askSizes: (question) => document.questions.askSizes(question),
    chooseSizesFile: (role, question) => chooseSizesFile(document, role, question),
    stopAsking: () => document.questions.stop(),
    compareWith: (source) => compareWithSource(document, source),
    showComparison: (form) => showComparison(document, form, texts),
    openSource: (source) => openSource(document.uri, source),
    saveMachine: () => saveMachine(document),
    reload: () => document.reload(),
    resolveStalePlan: (action) => document.resolveStalePlan(action),
    showLog: async () => log.show(),
    select: (targets) => editors.select(document, targets),
  };
}
