import * as vscode from 'vscode';
import { parsePlan } from '../../planner-core/plan/readPlan';
import { modelsOfPlan } from '../document/modelOfPlan';
import { baseName, planUriOf } from '../document/paths';
import type { PlanDocument } from '../document/planDocument';
import type { OpenEditors } from '../editor/openEditors';
import { holdAgainst } from './comparedText';
import type { PlanText } from './planText';

/** Opens a model file in its editor, or shows the one that is open. */
export type OpenModel = (model: vscode.Uri) => Promise<void>;

/** What became of two plan files: `elsewhere` is for a person who wants them told in words, or a model that is not there. */
export type Shown = 'in-view' | 'elsewhere' | 'nowhere';

/**
 * Shows two plan files in the editor of their model, one on screen and the other beside it. What is on screen is the
 * model's own plan where one of them is that, else `after`, which the document takes over as an edit, once a person agrees where
 * there is a plan that it would replace. Throws 'bad-plan', and 'stale-plan' for plans of another structure.
 */
export async function compareFilesInView(
  before: PlanText,
  after: PlanText,
  editors: OpenEditors,
  openModel: OpenModel,
): Promise<Shown> {
  const [model] = await modelsOfPlan(after.uri, parsePlan(after.text).model.file);
  if (!model) return 'elsewhere';
  const own = planUriOf(model)?.toString();
  const isOwn = ({ uri }: PlanText): boolean => uri.toString() === own;
  await openModel(model);
  const document = editors.documentOf(model);
  if (!document) return 'elsewhere';
  if (!isOwn(before) && !isOwn(after)) {
    const agreed = !(await document.hasOwnPlan()) || (await askToReplace(document, after));
    if (agreed !== true) return agreed;
    await document.takeOver(after.name, after.text);
  }
  await holdAgainst(document, isOwn(before) ? after : before);
  return 'in-view';
}

/** True for yes; else where the plans are to be compared instead. */
async function askToReplace(document: PlanDocument, { name }: PlanText): Promise<true | Shown> {
  const replace = vscode.l10n.t('Replace');
  const words = vscode.l10n.t('Compare in Words');
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t('Replace the plan of {0} that is open by {1}?', baseName(document.uri), name),
    { modal: true, detail: vscode.l10n.t('Undo brings it back. Comparing in words leaves it as it is.') },
    replace,
    words,
  );
  if (chosen === undefined) return 'nowhere';
  return chosen === replace ? true : 'elsewhere';
}
