import * as vscode from 'vscode';
import { formatMemory } from '../../planner-core/base/format';
import type { Target } from '../../planner-core/plan/planInputs';
import type { PlanDocument } from '../document/planDocument';
import type { OpenEditors } from '../editor/openEditors';

/**
 * The layers that a command is about: the one the context menu was opened on, with all that is selected where it is one of
 * them; those selected in the view; or else chosen from a list, which may be none.
 */
export async function layersMeant(
  document: PlanDocument,
  editors: OpenEditors,
  argument: unknown,
): Promise<readonly Target[]> {
  const selected = editors.selection(document);
  const clicked = targetsOf(argument);
  const isSelected = clicked?.every((one) => selected.some((other) => isSame(one, other)));
  const meant = clicked && !isSelected ? clicked : selected;
  return meant.length > 0 ? meant : askForLayers(document);
}

const isSame = (a: Target, b: Target): boolean => a.kind === b.kind && a.target === b.target;

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
