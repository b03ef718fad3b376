import * as vscode from 'vscode';
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
  if (targets.length > 0) await document.edit({ kind: 'choice', targets, choice });
}

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
