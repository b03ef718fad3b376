import type * as vscode from 'vscode';
import { parsePlan } from '../../planner-core/plan/readPlan';
import { modelsOfPlan } from '../document/modelOfPlan';
import { planUriOf } from '../document/paths';
import type { OpenEditors } from '../editor/openEditors';
import { holdAgainst } from './comparedText';
import type { PlanText } from './planText';

/** Opens a model file in its editor, or shows the one that is open. */
export type OpenModel = (model: vscode.Uri) => Promise<void>;

/**
 * Shows two plan files in the editor of their model, one on screen and the other beside it. What is on screen is the
 * model's own plan where one of them is that, else `after`, which the document takes over as an edit. False where no model is
 * beside them. Throws 'bad-plan', and 'stale-plan' for plans of another structure.
 */
export async function compareFilesInView(
  before: PlanText,
  after: PlanText,
  editors: OpenEditors,
  openModel: OpenModel,
): Promise<boolean> {
  const [model] = await modelsOfPlan(after.uri, parsePlan(after.text).model.file);
  if (!model) return false;
  const own = planUriOf(model)?.toString();
  const isOwn = ({ uri }: PlanText): boolean => uri.toString() === own;
  await openModel(model);
  const document = editors.documentOf(model);
  if (!document) return false;
  const other = isOwn(before) ? after : before;
  if (!isOwn(before) && !isOwn(after)) await document.takeOver(after.name, after.text);
  await holdAgainst(document, other);
  return true;
}
