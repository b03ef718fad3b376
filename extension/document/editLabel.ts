import { l10n } from 'vscode';
import { assertNever } from '../../planner-core/base/assertNever';
import { formatMemory } from '../../planner-core/base/format';
import type { Choice, Objective, PlanDevice } from '../../planner-core/plan/plan';
import type { Minimise, OffloadTarget } from '../../planner-core/plan/offloadTarget';
import type { Edit, Target } from '../../planner-core/plan/planInputs';
import type { Workload } from '../../planner-core/step/workload';
import { strategyWords, workloadWords } from './workloadWords';

/** What the undo command calls an edit, e.g. "Recompute layer1.0" or "Budget 8.00 GiB". */
export function editLabel(edit: Edit): string {
  switch (edit.kind) {
    case 'budget':
      return edit.budgetBytes === undefined
        ? l10n.t('Budget: all of the device memory')
        : l10n.t('Budget {0}', formatMemory(edit.budgetBytes));
    case 'choice':
      return choiceLabel(edit.choice, targetsLabel(edit.targets));
    case 'device':
      return edit.device === undefined
        ? l10n.t('Let the planner place {0}', targetsLabel(edit.targets))
        : l10n.t('Place {0} on {1}', targetsLabel(edit.targets), edit.device);
    case 'strategy':
      return l10n.t('Strategy: {0}', strategyWords()[edit.strategy]);
    case 'workload':
      return workloadLabel(edit.changes);
    case 'devices':
      return l10n.t('Devices: {0}', devicesText(edit.devices));
    case 'machine':
      return l10n.t('Machine: {0}', devicesText(edit.devices));
    case 'links':
      return edit.links === undefined ? l10n.t('Links of the device catalogue') : l10n.t('Links');
    case 'objective':
      return objectiveLabel(edit.objective);
    case 'offload':
      return offloadLabel(edit.offload);
    case 'minimise':
      return minimiseLabel(edit.minimise);
    case 'clear-pins':
      return l10n.t('Clear all pins');
    case 'sizes':
      return edit.sizes === undefined ? l10n.t('Inputs of one size') : l10n.t('Plans for input sizes');
    case 'several':
      return edit.label;
    default:
      return assertNever(edit);
  }
}

/** `2 × RTX 3090, EPYC 9654 (CPU)` */
export const devicesText = (devices: readonly PlanDevice[]): string =>
  devices.map(({ name, count = 1 }) => (count > 1 ? `${count} × ${name}` : name)).join(', ');

function objectiveLabel(objective: Objective): string {
  switch (objective) {
    case 'fit':
      return l10n.t('Place on the first device');
    case 'latency':
      return l10n.t('Place for the shortest step');
    case 'throughput':
      return l10n.t('Place for the most steps a second');
    default:
      return assertNever(objective);
  }
}

function offloadLabel(offload: OffloadTarget | undefined): string {
  if (!offload) return l10n.t('Offload nothing');
  return offload.to === 'host' ? l10n.t('Offload to host memory') : l10n.t('Offload to storage');
}

function minimiseLabel(minimise: Minimise): string {
  switch (minimise) {
    case 'time':
      return l10n.t('Make the step shortest');
    case 'energy':
      return l10n.t('Make energy least');
    case 'carbon':
      return l10n.t('Make carbon dioxide least');
    default:
      return assertNever(minimise);
  }
}

/** The parts of the workload that change, in words. */
function workloadLabel(changes: Partial<Workload>): string {
  const fields = Object.keys(changes) as (keyof Workload)[];
  // More than a few are not read: resetting the settings of a step changes them all.
  const named =
    fields.length > mostNamed
      ? l10n.t('{0} settings', fields.length)
      : fields.map((field) => workloadWords()[field]).join(', ');
  return l10n.t('Workload: {0}', named);
}

const mostNamed = 3;

function choiceLabel(choice: Choice | undefined, targets: string): string {
  switch (choice) {
    case 'keep':
      return l10n.t('Keep {0}', targets);
    case 'recompute':
      return l10n.t('Recompute {0}', targets);
    case 'offload':
      return l10n.t('Offload {0}', targets);
    case undefined:
      return l10n.t('Unpin {0}', targets);
    default:
      return assertNever(choice);
  }
}

function targetsLabel(targets: readonly Target[]): string {
  return targets.length === 1 ? targets[0].target : l10n.t('{0} layers', targets.length);
}
