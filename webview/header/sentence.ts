import { formatMemory, formatOverhead } from '../../planner-core/base/format';
import { placementSentence } from '../placement/placementSentence';
import { fullDevices } from '../../planner-core/plan/deviceMemory';
import type { PlanDevice } from '../../planner-core/plan/plan';
import type { ShownPlan } from '../state/shownPlan';
import type { View } from '../state/view';
import { peakPlace } from './peakPlace';
import { t } from '../base/l10n';

/** A part of the sentence and how it is coloured. */
export interface Phrase {
  readonly text: string;
  readonly tone?: 'good' | 'error';
  /** Opens what could be changed to fit. */
  readonly opens?: 'goals';
}

const wayOut: Phrase = { text: t('See what fits'), opens: 'goals' };

/** What the numbers mean for the person who must decide. Empty before there is a plan. */
export function sentence(view: View): Phrase[] {
  const { step, shown, inputs, devices, budgetBytes, host } = view;
  if (!step || !shown) return [];
  const { placement } = shown;
  if (placement && placement.objective !== 'fit')
    return placementSentence(placement, devices, shown.infeasible);
  const [device] = inputs.devices;
  const needs = t('{0} needs {1}', workloadText(view), formatMemory(step.view.keepAllPeakBytes));
  const isWhole = budgetBytes === device.memoryBytes;
  const usable = usableBytes(shown, devices[0]);
  const isUnplanned = shown.overheadPercent === 0 && shown.peakBytes === step.view.keepAllPeakBytes;
  const room = isWhole
    ? t('{0} on the {1}; {2} are usable', needs, device.name, formatMemory(usable))
    : t(
        "{0}; the budget is {1} of the {2}'s {3}",
        needs,
        formatMemory(budgetBytes),
        device.name,
        formatMemory(device.memoryBytes),
      );
  const phrases: Phrase[] = [{ text: t('{0}.', room) }];
  if (!shown.fits) {
    const text = infeasibleText(shown.infeasible, shown.peakBytes, host.frontier);
    return [...phrases, { text, tone: 'error' }, wayOut];
  }
  const slower = t('step {0}', formatOverhead(shown.overheadPercent));
  const [full] = fullDevices(shown.allocators ?? []);
  if (full) {
    // The budget is about tensors: a plan within it can still be more than the device holds, and then it does not fit.
    const taken = t("{0} with PyTorch's allocator and the CUDA context", formatMemory(full.totalBytes));
    return [
      ...phrases,
      { text: t('This plan peaks at {0}, {1}:', formatMemory(shown.peakBytes), slower) },
      {
        text: t('within the budget, but it takes {0}, more than the {1} has.', taken, full.name),
        tone: 'error',
      },
      wayOut,
    ];
  }
  const headroom = formatMemory(Math.max(0, (isWhole ? usable : budgetBytes) - shown.peakBytes));
  const peak = peakPlace(shown.evaluation, step.tree);
  const where = peak === '' ? [] : [{ text: t('Peak: {0}.', peak) }];
  if (isUnplanned) {
    const fits: Phrase = { text: t('fits, {0} headroom.', headroom), tone: 'good' };
    return [{ text: t('{0}:', room) }, fits, { text: t('Nothing is recomputed.') }, ...where];
  }
  return [
    ...phrases,
    { text: t('This plan peaks at {0}:', formatMemory(shown.peakBytes)) },
    { text: t('fits, {0} headroom, {1}.', headroom, slower), tone: 'good' },
    ...where,
  ];
}

/** `Training at batch 8, seq 1024`. */
function workloadText({ inputs: { workload }, host }: View): string {
  const dims = (host.model?.dims ?? []).map(
    ({ name, assumed }) => `${name} ${workload.dims[name] ?? assumed}`,
  );
  const what = workload.mode === 'training' ? t('Training') : t('Inference');
  return dims.length === 0 ? what : t('{0} at {1}', what, dims.join(', '));
}

/** What is left of a device's memory for tensors; all of it where no CUDA context is known to take its share. */
function usableBytes({ allocators }: ShownPlan, { id, memoryBytes }: PlanDevice): number {
  return memoryBytes - (allocators?.find(({ device }) => device === id)?.contextBytes ?? 0);
}

function infeasibleText(
  message: string | undefined,
  leastBytes: number,
  frontier: View['host']['frontier'],
): string {
  if (message) return message;
  const least = t('No plan fits: the least found needs {0}.', formatMemory(leastBytes));
  if (!frontier?.floorNode) return least;
  return t('{0} {1} alone needs {2}: proven.', least, frontier.floorNode, formatMemory(frontier.floorBytes));
}
