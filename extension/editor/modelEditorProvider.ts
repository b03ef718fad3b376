import * as vscode from 'vscode';
import { toErrorValue } from '../../planner-core/base/errors';
import { defaultDeviceName } from '../../planner-core/devices/catalogue';
import type { NamedCalibration } from '../../planner-core/devices/calibration';
import { readCalibration } from '../calibrationFile';
import { parseBackup } from '../document/backup';
import { followExternalChanges, type DocumentCommands } from '../document/externalChanges';
import { baseName, folderOf, planSuffix } from '../document/paths';
import { PlanDocument } from '../document/planDocument';
import { readText } from '../document/planFile';
import { PlannerHost } from '../planner/plannerHost';
import type { Platform } from '../platform';
import { readSettings } from '../settings';
import { asUserError } from '../userError';
import { exportPlace } from './exportFile';
import type { OpenEditors } from './openEditors';
import { connectView } from './connectView';
import type { TextDocuments } from './textDocuments';
import { toldEdit } from './toldEdit';

/** Shows a model file; what can be edited and saved is the plan for it. */
export class ModelEditorProvider implements vscode.CustomEditorProvider<PlanDocument>, DocumentCommands {
  static readonly viewType = 'headroom.model';

  private readonly changed = new vscode.EventEmitter<vscode.CustomDocumentEditEvent<PlanDocument>>();
  readonly onDidChangeCustomDocument = this.changed.event;

  /** Documents whose files are watched; VS Code knows a document only from its first editor on. */
  private readonly followed = new WeakSet<PlanDocument>();

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly platform: Platform,
    private readonly editors: OpenEditors,
    private readonly texts: TextDocuments,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  async openCustomDocument(
    uri: vscode.Uri,
    { backupId }: vscode.CustomDocumentOpenContext,
  ): Promise<PlanDocument> {
    const name = baseName(uri);
    this.log.info(`Opening ${name}`);
    const backup = backupId ? parseBackup((await readText(vscode.Uri.parse(backupId))) ?? '') : undefined;
    const planner = new PlannerHost(this.platform.startWorker, (reason) =>
      this.log.warn(`The planner of ${name} stopped: ${reason}`),
    );
    const { rename } = this.platform;
    const settings = readSettings(uri);
    if (settings.machineProblem !== undefined) {
      const { machineProblem } = settings;
      this.log.warn(machineProblem);
      void vscode.window.showWarningMessage(
        vscode.l10n.t('The machine in the settings is not used: {0}', machineProblem),
      );
    }
    if (settings.unknownDevice !== undefined && settings.defaults.machine === undefined)
      void this.reportUnknownDevice(settings.unknownDevice);
    const calibration = await this.calibration(settings.calibrationFile, uri);
    const defaults = { ...settings.defaults, calibration };
    const document = new PlanDocument(uri, { planner, rename, log: this.log, ...settings, defaults }, backup);
    const listener = document.onDidEdit((edit) => {
      this.changed.fire(toldEdit(edit));
      void vscode.commands.executeCommand('setContext', 'headroom.edited', true);
    });
    document.onDidDispose(() => listener.dispose());
    // Read while VS Code makes the editor's page ready; what is restored is an edit, for which VS Code has to know the document.
    if (!backup) document.start().catch((thrown) => this.report(thrown));
    return document;
  }

  async resolveCustomEditor(document: PlanDocument, panel: vscode.WebviewPanel): Promise<void> {
    const { extensionUri, editors, texts, log } = this;
    const context = { extensionUri, editors, texts, log, rename: this.platform.rename };
    editors.add(document, panel, connectView(document, panel, context));
    if (!this.followed.has(document)) {
      this.followed.add(document);
      const following = followExternalChanges(document, this, (thrown) => this.report(thrown));
      document.onDidDispose(() => following.dispose());
    }
    await vscode.commands.executeCommand('setContext', 'headroom.opened', true);
  }

  async saveCustomDocument(document: PlanDocument): Promise<void> {
    try {
      if (document.readOnly) await this.saveElsewhere(document);
      else await document.save();
    } catch (thrown) {
      throw asUserError(thrown);
    }
  }

  async saveCustomDocumentAs(document: PlanDocument, destination: vscode.Uri): Promise<void> {
    try {
      await document.saveAs(destination);
    } catch (thrown) {
      throw asUserError(thrown);
    }
  }

  revertCustomDocument(document: PlanDocument): Promise<void> {
    return document.revert();
  }

  async backupCustomDocument(
    document: PlanDocument,
    { destination }: vscode.CustomDocumentBackupContext,
  ): Promise<vscode.CustomDocumentBackup> {
    const { fs } = vscode.workspace;
    await fs.writeFile(destination, new TextEncoder().encode(document.backup()));
    return {
      id: destination.toString(),
      // VS Code may have removed it already.
      delete: () => void fs.delete(destination).then(undefined, () => undefined),
    };
  }

  async save(document: PlanDocument): Promise<void> {
    await vscode.workspace.save(document.uri);
  }

  async revert(document: PlanDocument): Promise<void> {
    // VS Code reverts the active editor only.
    await vscode.commands.executeCommand('vscode.openWith', document.uri, ModelEditorProvider.viewType);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }

  private async saveElsewhere(document: PlanDocument): Promise<void> {
    const chosen = await vscode.window.showSaveDialog({
      defaultUri: exportPlace(document, baseName(document.uri) + planSuffix),
      filters: { JSON: ['json'] },
      title: vscode.l10n.t('Save the Plan of {0}', baseName(document.uri)),
    });
    if (!chosen) throw new vscode.CancellationError();
    await document.saveAs(chosen);
  }

  /** Not awaited: the message may stay for as long as the person likes. */
  private async reportUnknownDevice(device: string): Promise<void> {
    const choose = vscode.l10n.t('Choose Device…');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t(
        'The device of the settings, "{0}", is not in the catalogue: new plans are for the {1}.',
        device,
        defaultDeviceName,
      ),
      choose,
    );
    if (answer === choose) await vscode.commands.executeCommand('headroom.chooseDevice');
  }

  /** What the setting names; a file that cannot be used is reported, and times are as without one. */
  private async calibration(location: string, uri: vscode.Uri): Promise<NamedCalibration | undefined> {
    const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri ?? folderOf(uri);
    try {
      return await readCalibration(location, folder);
    } catch (thrown) {
      this.report(thrown);
      const { message } = toErrorValue(thrown);
      void vscode.window.showWarningMessage(
        vscode.l10n.t('The calibration in the settings is not used: {0}', message),
      );
      return undefined;
    }
  }

  /** What goes wrong in the background is said where it matters: in the view, or when a save fails. */
  private report(thrown: unknown): void {
    const { code, message } = toErrorValue(thrown);
    this.log.error(`${code}: ${message}`);
  }
}
