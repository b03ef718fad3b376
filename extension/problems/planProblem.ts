import { HeadroomError, type ErrorValue } from '../../planner-core/base/errors';
import { formatMemory } from '../../planner-core/base/format';
import { toResult } from '../../planner-core/base/result';
import {
  deviceState,
  deviceStateText,
  tightestDevice,
  type DeviceTotals,
} from '../../planner-core/plan/deviceMemory';
import { parsePlan } from '../../planner-core/plan/readPlan';
import { plannerText } from '../plannerText';
import type { PlannerHost } from '../planner/plannerHost';
import { l10n } from 'vscode';

/** What is wrong with a plan file. */
export interface PlanProblem {
  readonly error: ErrorValue;
  /** Where in the file: keys and indices from its root. */
  readonly at: readonly (string | number)[];
}

/**
 * Does the file follow the schema, is it for the model as it is now, and does a plan still fit its budget there?
 * undefined where it does. `openModel` readies a planner with the model; undefined where there is no model to compare with.
 */
export async function planProblem(
  text: string,
  openModel: (file: string) => Promise<PlannerHost | undefined>,
): Promise<PlanProblem | undefined> {
  const read = await toResult(() => parsePlan(text));
  if (!read.ok) return { error: read.error, at: placeNamed(read.error.message) };
  const planner = await openModel(read.value.model.file);
  if (!planner) return undefined;
  try {
    const compared = await planner.readPlan(text);
    if (!compared.ok) return { error: compared.error, at: [] };
    if (compared.value.stale) return { error: stale(read.value.model.file), at: ['model', 'fingerprint'] };
    const planned = await planner.plan(compared.value.inputs, planner.newJob());
    if (!planned.ok) return { error: planned.error, at: [] };
    const { infeasible, allocators } = planned.value;
    if (infeasible) return { error: unfitting(infeasible.message), at: ['budgetBytes'] };
    const tightest = tightestDevice(allocators ?? []);
    return tightest && deviceState(tightest) !== 'fits'
      ? { error: tooTight(tightest), at: ['budgetBytes'] }
      : undefined;
  } finally {
    planner.dispose();
  }
}

const stale = (file: string): ErrorValue =>
  new HeadroomError(
    'stale-plan',
    l10n.t('The plan was made for another structure of {0}.', file),
    l10n.t('Open the model to keep, rebase or discard the plan.'),
  ).toValue();

/** `why` begins with the budget that no plan fits. */
const unfitting = (why: string): ErrorValue =>
  new HeadroomError(
    'infeasible',
    plannerText(why),
    l10n.t('Raise the budget, or open the model and ask what fits.'),
  ).toValue();

const tooTight = (device: DeviceTotals): ErrorValue =>
  new HeadroomError(
    'infeasible',
    l10n.t(
      '{0}: {1}. It takes {2} of {3} in nvidia-smi.',
      device.device,
      plannerText(deviceStateText(device)),
      formatMemory(device.totalBytes),
      formatMemory(device.memoryBytes),
    ),
    l10n.t('Lower the budget, or open the model and use all of the device.'),
  ).toValue();

/** The place that a message of `parsePlan` names, e.g. "The plan's decisions[3].choice is …". */
function placeNamed(message: string): readonly (string | number)[] {
  const [, path = ''] = /^The plan's (\S+) /.exec(message) ?? [];
  return path
    .split(/[.[\]]+/)
    .filter((key) => key !== '')
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}
