import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import { differenceLines, planDifferences } from '../../planner-core/plan/planDifferences';
import { parsePlan } from '../../planner-core/plan/readPlan';
import { baseName, isPlan, planUriOf } from '../document/paths';
import type { PlanDocument } from '../document/planDocument';
import { readText } from '../document/planFile';
import { headVersion } from './gitHead';
import type { TextDocuments } from '../editor/textDocuments';

/** A plan to compare: its text, what to call it, and where an editor finds it. */
export interface PlanText {
  readonly name: string;
  readonly text: string;
  readonly uri: vscode.Uri;
}

/** What differs between two plans, as the text of a document. Throws 'bad-plan' where one is none. */
export function differenceText(before: PlanText, after: PlanText): string {
  const differences = planDifferences(parsePlan(before.text), parsePlan(after.text));
  return [`${before.name} → ${after.name}`, '', ...differenceLines(differences), ''].join('\n');
}

/** What the commands compare with. */
export interface ComparisonContext {
  readonly texts: TextDocuments;
  readonly active: PlanDocument | undefined;
}

/**
 * Compares two plan files that are selected in the explorer; one with another that is chosen; else the plan on screen
 * with one that is chosen. Without a choice nothing happens.
 */
export async function comparePlans(
  context: ComparisonContext,
  argument: unknown,
  selection: unknown,
): Promise<void> {
  const selected = (Array.isArray(selection) ? selection : [argument]).filter(isPlanUri);
  const after = selected.length > 0 ? await planFile(selected[selected.length - 1]) : await onScreen(context);
  const other = selected.length > 1 ? selected[0] : await choosePlan(after.name);
  if (other) await showDifferences(context.texts, await planFile(other), after);
}

/** Compares a plan file, or the plan on screen, with what is committed of it. */
export async function compareWithHead(context: ComparisonContext, argument: unknown): Promise<void> {
  const chosen = [argument, resourceUri(argument)].find(isPlanUri);
  const after = chosen ? await planFile(chosen) : await onScreen(context);
  const file = chosen ?? (context.active && planUriOf(context.active.uri));
  if (!file) throw new HeadroomError('bad-usage', vscode.l10n.t('This file has no place for a plan.'));
  await showDifferences(context.texts, await headVersion(file), after);
}

/** In plain words, with the way to the two texts side by side. */
async function showDifferences(texts: TextDocuments, before: PlanText, after: PlanText): Promise<void> {
  const text = differenceText(before, after);
  const shown = texts.add(`${before.name} ↔ ${after.name}.txt`, text);
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(shown), { preview: true });
  void offerSideBySide(before, after);
}

/** Not awaited: the message may stay for as long as the person likes. */
async function offerSideBySide(before: PlanText, after: PlanText): Promise<void> {
  const sideBySide = vscode.l10n.t('Show Side by Side');
  const names = `${before.name} ↔ ${after.name}`;
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('Compared {0}.', names),
    sideBySide,
  );
  if (answer === sideBySide)
    await vscode.commands.executeCommand('vscode.diff', before.uri, after.uri, names);
}

async function planFile(uri: vscode.Uri): Promise<PlanText> {
  const text = await readText(uri);
  if (text === undefined)
    throw new HeadroomError('file-access', vscode.l10n.t('{0} does not exist.', baseName(uri)));
  return { name: baseName(uri), text, uri };
}

/** With what has not been saved. */
async function onScreen({ texts, active }: ComparisonContext): Promise<PlanText> {
  if (!active) throw new HeadroomError('bad-usage', vscode.l10n.t('Open a model first.'));
  const [{ text }] = (await active.export('plan-json')).files;
  const name = vscode.l10n.t('{0} as shown', baseName(active.uri));
  return { name, text, uri: texts.add(`${name}.plan.json`, text) };
}

async function choosePlan(comparedWith: string): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    filters: { [vscode.l10n.t('Plans')]: ['json'] },
    title: vscode.l10n.t('Compare {0} with', comparedWith),
  });
  return chosen?.[0];
}

/** Of an entry of the source control view. */
const resourceUri = (argument: unknown): unknown =>
  typeof argument === 'object' && argument !== null && 'resourceUri' in argument
    ? argument.resourceUri
    : undefined;

const isPlanUri = (value: unknown): value is vscode.Uri => value instanceof vscode.Uri && isPlan(value);
