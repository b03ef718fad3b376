import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import { formatMemory } from '../../planner-core/base/format';
import type { Choice } from '../../planner-core/plan/plan';
import type { Target } from '../../planner-core/plan/planInputs';
import type { PlanDocument } from '../document/planDocument';
import type { OpenEditors } from '../editor/openEditors';

/**
 * Pins a choice for layers: those the context menu was opened on, those selected in the view, or else chosen from a
 * list. `choice` undefined hands the decision back to the planner.
 */
export async function decideLayers(
  document: PlanDocument,
  editors: OpenEditors,
  choice: Choice | undefined,
  argument: unknown,
): Promise<void> {
  const selected = targetsOf(argument) ?? editors.selection(document);
  const targets = selected.length > 0 ? selected : await askForLayers(document);
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

/** VS Code passes the `data-vscode-context` of the element a context menu was opened on. */
function targetsOf(argument: unknown): readonly Target[] | undefined {
  if (typeof argument !== 'object' || argument === null || !('headroomTargets' in argument)) return undefined;
  const { headroomTargets } = argument;
  return Array.isArray(headroomTargets) ? headroomTargets.filter(isTarget) : undefined;
}

function isTarget(value: unknown): value is Target {
  return (
    typeof value === 'object' &&
    value !== null &&
    'target' in value &&
    typeof value.target === 'string' &&
    'kind' in value &&
    (value.kind === 'module' || value.kind === 'operator')
  );
}

async function askForLayers(document: PlanDocument): Promise<readonly Target[]> {
  const layers = document.store.state.step?.layers ?? [];
  const operatorsToo = document.inputs.strategy !== 'module-checkpoint';
  const items = layers
    .filter(({ kind, checkpointable }) => checkpointable || (operatorsToo && kind === 'operator'))
    .map(({ name, kind, type, savedBytes }) => ({
      label: name,
      description: [type, formatMemory(savedBytes)].filter(Boolean).join(' · '),
      layer: { target: name, kind },
    }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Layers'),
    canPickMany: true,
    matchOnDescription: true,
  });
  return chosen?.map(({ layer }) => layer) ?? [];
}
