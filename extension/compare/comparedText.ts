import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import { differenceLines } from '../../planner-core/plan/differenceLines';
import { planDifferences } from '../../planner-core/plan/planDifferences';
import { parsePlan } from '../../planner-core/plan/readPlan';
import type { ComparisonForm } from '../../planner-core/protocol/comparedPlan';
import { baseName } from '../document/paths';
import type { PlanDocument } from '../document/planDocument';
import type { TextDocuments } from '../editor/textDocuments';
import type { PlanText } from './planText';

/** What each plan on screen was last held against, as it stood in its file. */
const lastCompared = new WeakMap<PlanDocument, PlanText>();

/** Holds the plan on screen against another one, in the view. Throws 'bad-plan' and 'stale-plan'. */
export async function holdAgainst(document: PlanDocument, other: PlanText): Promise<void> {
  await document.compareWith(other.name, other.text);
  lastCompared.set(document, other);
}

/** Shows the other plan and the one on screen, with what has not been saved, as texts. Throws 'bad-usage' where there is no other. */
export async function showComparison(
  document: PlanDocument,
  form: ComparisonForm,
  texts: TextDocuments,
): Promise<void> {
  const before = lastCompared.get(document);
  if (!before) throw new HeadroomError('bad-usage', vscode.l10n.t('Compare with a plan file first.'));
  const [{ text }] = (await document.export('plan-json')).files;
  const name = vscode.l10n.t('{0} as shown', baseName(document.uri));
  const after = { name, text, uri: texts.add(`${name}.plan.json`, text) };
  if (form === 'words') await showDifferences(texts, before, after);
  else await showSideBySide(before, after);
}

/** What differs between two plans, as the text of a document. Throws 'bad-plan' where one is none. */
function differenceText(before: PlanText, after: PlanText): string {
  const differences = planDifferences(parsePlan(before.text), parsePlan(after.text));
  return [`${before.name} → ${after.name}`, '', ...differenceLines(differences), ''].join('\n');
}

export async function showDifferences(
  texts: TextDocuments,
  before: PlanText,
  after: PlanText,
): Promise<void> {
  const shown = texts.add(`${before.name} ↔ ${after.name}.txt`, differenceText(before, after));
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(shown), { preview: true });
}

async function showSideBySide(before: PlanText, after: PlanText): Promise<void> {
  const title = `${before.name} ↔ ${after.name}`;
  await vscode.commands.executeCommand('vscode.diff', before.uri, after.uri, title);
}
