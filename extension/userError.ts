import * as vscode from 'vscode';
import { toErrorValue, type ErrorValue } from '../planner-core/base/errors';
import { plannerText } from './plannerText';

/** One line for a notification: what went wrong and what to do about it. */
export const errorText = ({ message, hint }: ErrorValue): string =>
  [message, ...(hint ? [hint] : [])].map(plannerText).join(' ');

/** What VS Code shows when an operation it asked for fails; it prints the message only. */
export function asUserError(thrown: unknown): Error {
  return thrown instanceof vscode.CancellationError ? thrown : new Error(errorText(toErrorValue(thrown)));
}
