import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import type { PlanSource } from '../../planner-core/protocol/comparedPlan';
import { baseName, planUriOf } from '../document/paths';
import type { PlanDocument } from '../document/planDocument';
import { holdAgainst } from './comparedText';
import { headVersion } from './gitHead';
import { choosePlan, planFile, type PlanText } from './planText';

/** Holds the plan on screen against its file, what is committed of that, or a plan file that a person chooses. */
export async function compareWithSource(document: PlanDocument, source: PlanSource): Promise<void> {
  const other = await planFrom(document, source);
  if (other) await holdAgainst(document, other);
}

async function planFrom(document: PlanDocument, source: PlanSource): Promise<PlanText | undefined> {
  if (source === 'file') {
    const chosen = await choosePlan(baseName(document.uri));
    return chosen && planFile(chosen);
  }
  const own = planUriOf(document.uri);
  if (!own) throw new HeadroomError('bad-usage', vscode.l10n.t('This file has no place for a plan.'));
  return source === 'saved' ? planFile(own) : headVersion(own);
}
