import * as vscode from 'vscode';
import { textTranslator } from '../planner-core/base/textTranslation';

/** A sentence that the planner says, in the language of VS Code; in English where there is no translation of it. */
export const plannerText = (text: string): string => textTranslator(vscode.l10n.bundle ?? {})(text);
