import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import type { Choice } from '../../planner-core/plan/plan';
import type { Target } from '../../planner-core/plan/planInputs';
import type { PlanDocument } from '../document/planDocument';
import type { OpenEditors } from '../editor/openEditors';
import { layersMeant } from './layersMeant';

/** Pins a choice for the layers that are meant; `choice` undefined hands the decision back to the planner. */
export async function decideLayers(
  document: PlanDocument,
  editors: OpenEditors,
  choice: Choice | undefined,
  argument: unknown,
): Promise<void> {
  const targets = await layersMeant(document, editors, argument);
  const allowed = targets.filter(({ kind }) => mayDecide(document, kind, choice));
  if (targets.length > 0 && allowed.length === 0) throw new HeadroomError('bad-usage', wholeModules());
  if (allowed.length > 0) await document.edit({ kind: 'choice', targets: allowed, choice });
}

/** Where whole modules are checkpointed, operators have no say; a decision from before can always be handed back. */
const mayDecide = ({ inputs }: PlanDocument, kind: Target['kind'], choice: Choice | undefined): boolean =>
  choice === undefined || kind === 'module' || inputs.strategy !== 'module-checkpoint';

const wholeModules = (): string =>
  vscode.l10n.t(
    'Whole modules are checkpointed: choose for the module, or take the strategy "selective" to choose for operators',
  );
