import * as vscode from 'vscode';
import {
  exportNames,
  pictureTargets,
  targetsOfGroup,
  type ExportTarget,
} from '../../planner-core/exporters/targets';
import type { ViewConnection } from '../view/viewConnection';

interface Choice extends vscode.QuickPickItem {
  readonly save?: () => Promise<void> | void;
}

type ExportTo = (target: ExportTarget) => Promise<void>;

/** Asks for a picture, of the plan or of a pane as it is on screen, and saves it. Without a choice nothing happens. */
export async function savePicture(view: ViewConnection, exportTo: ExportTo): Promise<void> {
  const { pictures } = await view.listShown();
  await choose(vscode.l10n.t('Picture to save'), [
    ...pictureTargets.flatMap((target): Choice[] => {
      const label = vscode.l10n.t(exportNames[target]);
      return [
        { label, save: () => exportTo(target) },
        { label: label.replace('SVG', 'PNG'), save: () => view.savePixels(target) },
      ];
    }),
    ...asShown(pictures),
    ...pictures.flatMap((name): Choice[] => [
      { label: vscode.l10n.t('{0}, as shown (SVG)', name), save: () => view.saveShown(name, 'svg') },
      { label: vscode.l10n.t('{0}, as shown (PNG)', name), save: () => view.saveShown(name, 'png') },
    ]),
  ]);
}

/** Asks for a table, of the plan or as it is on screen, and saves it as CSV. Without a choice nothing happens. */
export async function saveTable(view: ViewConnection, exportTo: ExportTo): Promise<void> {
  const { tables } = await view.listShown();
  await choose(vscode.l10n.t('Table to save'), [
    ...targetsOfGroup.tables.map((target): Choice => ({
      label: vscode.l10n.t(exportNames[target]),
      save: () => exportTo(target),
    })),
    ...asShown(tables),
    ...tables.map((name): Choice => ({
      label: vscode.l10n.t('{0}, as shown (CSV)', name),
      save: () => view.saveShown(name, 'csv'),
    })),
  ]);
}

const asShown = (names: readonly string[]): Choice[] =>
  names.length === 0 ? [] : [{ label: vscode.l10n.t('On screen'), kind: vscode.QuickPickItemKind.Separator }];

async function choose(placeHolder: string, choices: readonly Choice[]): Promise<void> {
  const chosen = await vscode.window.showQuickPick(choices, { placeHolder });
  await chosen?.save?.();
}
