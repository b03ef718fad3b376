import * as vscode from 'vscode';
import type { ErrorValue } from '../../planner-core/base/errors';
import { baseName } from './paths';

/** Shown where a person cancelled before there was a plan: how to go on. */
export const wasCancelled = (model: vscode.Uri): ErrorValue => ({
  code: 'cancelled',
  message: vscode.l10n.t('Planning {0} was cancelled.', baseName(model)),
  hint: vscode.l10n.t('Start it again whenever you like; your decisions are kept.'),
});

/** Shown while the model file is not there. */
export const isGone = (model: vscode.Uri): ErrorValue => ({
  code: 'file-access',
  message: vscode.l10n.t('{0} was deleted or moved.', baseName(model)),
  hint: vscode.l10n.t('It is read again when the file is back.'),
});
