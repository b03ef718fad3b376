import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import type { PlanInputs } from '../../planner-core/plan/planInputs';

const backupFormat = 'headroom-backup/1';

/** Unsaved edits of a document, as hot exit keeps them. */
export interface Backup {
  readonly inputs: PlanInputs;
  /** Text of the plan file the edits were made on top of: tells whether it changed while VS Code was closed. */
  readonly savedText?: string;
}

export const backupText = ({ inputs, savedText }: Backup): string =>
  JSON.stringify({ format: backupFormat, inputs, savedText });

/** Throws 'bad-plan' for anything that `backupText` did not write. */
export function parseBackup(text: string): Backup {
  const value: unknown = JSON.parse(text);
  if (!isBackup(value)) {
    throw new HeadroomError('bad-plan', vscode.l10n.t('The backup of the unsaved plan cannot be read.'));
  }
  return { inputs: value.inputs, savedText: value.savedText };
}

function isBackup(value: unknown): value is Backup & { format: string } {
  return typeof value === 'object' && value !== null && 'format' in value && value.format === backupFormat;
}
