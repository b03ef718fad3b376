import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import { baseName, isPlan, planUriOf } from '../document/paths';
import type { PlanDocument } from '../document/planDocument';
import type { OpenEditors } from '../editor/openEditors';
import type { TextDocuments } from '../editor/textDocuments';
import { holdAgainst, showDifferences } from './comparedText';
import { compareFilesInView, type OpenModel } from './compareInView';
import { headVersion } from './gitHead';
import { choosePlan, planFile, type PlanText } from './planText';

/** What the commands compare with, and where they show it. */
export interface ComparisonContext {
  readonly texts: TextDocuments;
  readonly editors: OpenEditors;
  readonly openModel: OpenModel;
}

/**
 * Compares two plan files that are selected in the explorer; one with another that is chosen; else the plan on screen
 * with one that is chosen, or two that are chosen where none is on screen. Without a choice nothing happens.
 */
export async function comparePlans(
  context: ComparisonContext,
  argument: unknown,
  selection: unknown,
): Promise<void> {
  const selected = (Array.isArray(selection) ? selection : [argument]).filter(isPlanUri);
  const shown = context.editors.active?.uri;
  const after = selected.at(-1) ?? (shown ? undefined : await choosePlan(vscode.l10n.t('Plan to compare')));
  const what = after ?? shown;
  if (!what) return;
  const title = vscode.l10n.t('Compare {0} with', baseName(what));
  const other = selected.length > 1 ? selected[0] : await choosePlan(title);
  if (!other) return;
  const before = await planFile(other);
  if (after) await compareFiles(context, before, await planFile(after));
  else await holdAgainst(active(context), before);
}

/** Compares a plan file, or the plan on screen, with what is committed of it. Throws 'bad-usage' for files of other kinds. */
export async function compareWithHead(context: ComparisonContext, argument: unknown): Promise<void> {
  const chosen = argument instanceof vscode.Uri ? argument : resourceUri(argument);
  if (chosen && !isPlan(chosen) && chosen.toString() !== context.editors.active?.uri.toString())
    throw new HeadroomError(
      'bad-usage',
      vscode.l10n.t('{0} is no plan file.', baseName(chosen)),
      vscode.l10n.t('Choose a file whose name ends with .plan.json.'),
    );
  if (chosen && isPlan(chosen))
    return compareFiles(context, await headVersion(chosen), await planFile(chosen));
  const file = planUriOf(active(context).uri);
  if (!file) throw new HeadroomError('bad-usage', vscode.l10n.t('This file has no place for a plan.'));
  await holdAgainst(active(context), await headVersion(file));
}

/** In the view; where their model is not there, or is another one now, in plain words. */
async function compareFiles(context: ComparisonContext, before: PlanText, after: PlanText): Promise<void> {
  const { texts, editors, openModel } = context;
  const shown = await compareFilesInView(before, after, editors, openModel).catch((thrown: unknown) => {
    if (thrown instanceof HeadroomError && thrown.code === 'stale-plan') return 'elsewhere';
    throw thrown;
  });
  if (shown === 'elsewhere') await showDifferences(texts, before, after);
}

function active({ editors }: ComparisonContext): PlanDocument {
  if (editors.active) return editors.active;
  throw new HeadroomError('bad-usage', vscode.l10n.t('Open a model first.'));
}

/** Of an entry of the source control view. */
const resourceUri = (argument: unknown): vscode.Uri | undefined =>
  typeof argument === 'object' &&
  argument !== null &&
  'resourceUri' in argument &&
  argument.resourceUri instanceof vscode.Uri
    ? argument.resourceUri
    : undefined;

const isPlanUri = (value: unknown): value is vscode.Uri => value instanceof vscode.Uri && isPlan(value);
