import * as vscode from 'vscode';
import { HeadroomError, toErrorValue } from '../../planner-core/base/errors';
import type { ExportTarget } from '../../planner-core/exporters/targets';
import { defaultScaleRequest } from '../../planner-core/protocol/machineQuestions';
import { defaultSizesRequest } from '../../planner-core/protocol/sizeQuestions';
import { defaultMaxOverheadPercent } from '../../planner-core/session/goals/goal';
import { comparePlans, compareWithHead, type ComparisonContext } from '../compare/comparePlans';
import type { PlanDocument } from '../document/planDocument';
import { exportToFile } from '../editor/exportFile';
import type { TextDocuments } from '../editor/textDocuments';
import { ModelEditorProvider } from '../editor/modelEditorProvider';
import type { OpenEditors } from '../editor/openEditors';
import type { Platform } from '../platform';
import { errorText } from '../userError';
import type { ViewConnection } from '../view/viewConnection';
import { chooseDevice } from './chooseDevice';
import { chooseExport } from './chooseExport';
import { copyMarkdown } from './copyMarkdown';
import { decideLayers } from './decideLayers';
import { calibrateDevice, loadMeasurements } from './measurements';
import { openModel } from './openModel';
import { openSample } from './openSample';
import { placeLayers } from './placeLayers';
import { savePicture, saveTable } from './saveShown';
import { setBudget } from './setBudget';

export interface CommandContext {
  readonly extensionUri: vscode.Uri;
  readonly editors: OpenEditors;
  readonly texts: TextDocuments;
  readonly platform: Platform;
  readonly log: vscode.LogOutputChannel;
}

/** All commands of package.json. */
export function registerCommands({
  extensionUri,
  editors,
  texts,
  platform,
  log,
}: CommandContext): vscode.Disposable {
  const register = (
    name: string,
    run: (argument: unknown, selection: unknown) => Promise<void>,
  ): vscode.Disposable =>
    vscode.commands.registerCommand(`headroom.${name}`, async (argument: unknown, selection: unknown) => {
      try {
        await run(argument, selection);
      } catch (thrown) {
        const error = toErrorValue(thrown);
        log.error(`${name}: ${error.code}: ${error.message}`);
        void vscode.window.showErrorMessage(errorText(error));
      }
    });
  /** A command about the active model. */
  const onModel = (
    name: string,
    run: (document: PlanDocument, argument: unknown) => Promise<void>,
  ): vscode.Disposable => register(name, (argument) => run(activeDocument(editors), argument));
  const exportTo = (document: PlanDocument, target: ExportTarget): Promise<void> =>
    exportToFile(document, target, { rename: platform.rename, texts });
  const exporter = (name: string, target: ExportTarget): vscode.Disposable =>
    onModel(name, (document) => exportTo(document, target));

  const open = (uri: unknown): Promise<void> => openModel(uri, ModelEditorProvider.viewType);
  const comparison: ComparisonContext = { texts, editors, openModel: open };

  return vscode.Disposable.from(
    register('comparePlans', (uri, uris) => comparePlans(comparison, uri, uris)),
    register('compareWithHead', (resource) => compareWithHead(comparison, resource)),
    register('openModel', open),
    register('openSample', () => openSample(extensionUri, ModelEditorProvider.viewType)),
    register('showLog', async () => log.show()),
    exporter('exportPlanJson', 'plan-json'),
    exporter('exportTimelineCsv', 'timeline-csv'),
    exporter('exportTimelineSvg', 'timeline-svg'),
    exporter('exportReport', 'report'),
    onModel('copyMarkdown', copyMarkdown),
    onModel('exportPlanTo', async (document) => {
      const target = await chooseExport();
      if (target) await exportTo(document, target);
    }),
    onModel('savePicture', (document) =>
      savePicture(activeView(editors), (target) => exportTo(document, target)),
    ),
    onModel('saveTable', (document) =>
      saveTable(activeView(editors), (target) => exportTo(document, target)),
    ),
    onModel('setBudget', setBudget),
    onModel('chooseDevice', chooseDevice),
    onModel('loadMeasurements', loadMeasurements),
    onModel('clearMeasurements', async (document) => document.clearMeasurements()),
    onModel('calibrateDevice', (document) => calibrateDevice(document, platform.rename)),
    onModel('clearPins', (document) => document.edit({ kind: 'clear-pins' })),
    onModel('whatFits', (document) =>
      document.questions.askGoals({ maxOverheadPercent: defaultMaxOverheadPercent }),
    ),
    onModel('planForSizes', (document) => document.questions.showSizes(defaultSizesRequest)),
    onModel('splitModel', (document) => document.questions.askSplit({})),
    onModel('scaleModel', (document) => document.questions.askScale(defaultScaleRequest)),
    onModel('cancelPlanning', (document) =>
      Promise.all([document.cancel(), document.questions.stop()]).then(),
    ),
    onModel('reloadModel', (document) => document.reload()),
    onModel('keepLayers', (document, argument) => decideLayers(document, editors, 'keep', argument)),
    onModel('recomputeLayers', (document, argument) =>
      decideLayers(document, editors, 'recompute', argument),
    ),
    onModel('offloadLayers', (document, argument) => decideLayers(document, editors, 'offload', argument)),
    onModel('placeLayers', (document, argument) => placeLayers(document, editors, argument)),
    onModel('unpinLayers', (document, argument) => decideLayers(document, editors, undefined, argument)),
  );
}

function activeDocument({ active }: OpenEditors): PlanDocument {
  if (active) return active;
  throw noModel();
}

function activeView({ activeView: view }: OpenEditors): ViewConnection {
  if (view) return view;
  throw noModel();
}

const noModel = (): HeadroomError => new HeadroomError('bad-usage', vscode.l10n.t('Open a model first.'));
