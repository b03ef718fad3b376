import { formatMemory, formatOverhead } from '../../planner-core/base/format';
import { placementSentence } from '../placement/placementSentence';
import { deviceState, deviceStateText, tightestDevice } from '../../planner-core/plan/deviceMemory';
import { sizesOf } from '../../planner-core/step/dimensions';
import type { AllocatorView } from '../../planner-core/session/allocatorView';
import type { ShownPlan } from '../state/shownPlan';
import type { View } from '../state/view';
import { peakPlace } from './peakPlace';
import { t, translated } from '../base/l10n';

/** A part of the sentence and how it is coloured. */
export interface Phrase {
  readonly text: string;
  readonly tone?: 'good' | 'warning' | 'error';
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
    return placementSentence(placement, devices, shown.infeasible, shown.allocators);
  const [device] = inputs.devices;
  const isWhole = inputs.budgetBytes === undefined && !shown.preview;
  const isUnplanned = shown.overheadPercent === 0 && shown.peakBytes === step.view.keepAllPeakBytes;
  const needs = t('{0} needs {1}', workloadText(view), formatMemory(step.view.keepAllPeakBytes));
  const memory = formatMemory(device.memoryBytes);
  const room = isWhole
    ? t('{0}; the {1} has {2}', needs, device.name, memory)
    : t("{0}; the budget is {1} of the {2}'s {3}", needs, formatMemory(budgetBytes), device.name, memory);
  const slower = t('step {0}', formatOverhead(shown.overheadPercent));
  if (!shown.fits) {
    const text = infeasibleText(shown.infeasible, shown.peakBytes, host.frontier);
    const leanest = t(
      'On screen is the leanest plan found: {0}, {1}.',
      formatMemory(shown.peakBytes),
      slower,
    );
    return [{ text: t('{0}.', room) }, { text, tone: 'error' }, { text: leanest }, wayOut];
  }
  const tightest = judgedDevice(shown.allocators ?? [], device.id);
  const peak = peakPlace(shown.evaluation, step.tree);
  const where = peak === '' ? [] : [{ text: t('Peak: {0}.', peak) }];
  if (tightest && deviceState(tightest) === 'does-not-fit') {
    // The budget is about tensors: a plan within it can still be more than the device holds, and then it does not fit.
    const taken = t("{0} with PyTorch's allocator and the CUDA context", formatMemory(tightest.totalBytes));
    return [
      { text: t('{0}.', room) },
      { text: t('This plan peaks at {0}, {1}:', formatMemory(shown.peakBytes), slower) },
      {
        text: t('does not fit: it takes {0}, more than the {1} has.', taken, tightest.name),
        tone: 'error',
      },
      wayOut,
    ];
  }
  const verdict = verdictOf(view, shown, tightest);
  const isJust = verdict.tone === 'warning';
  if (isUnplanned) {
    const has = tightest && t('{0} ({1})', room, takenText(tightest, device.id));
    return [
      { text: t('{0}:', has ?? room) },
      { ...verdict, text: t('{0}.', verdict.text) },
      ...(isJust ? [wayOut] : []),
      { text: t('Nothing is recomputed.') },
      ...where,
    ];
  }
  const peaks = t('This plan peaks at {0}', formatMemory(shown.peakBytes));
  return [
    { text: t('{0}.', room) },
    { text: t('{0}:', tightest ? t('{0} ({1})', peaks, takenText(tightest, device.id)) : peaks) },
    { ...verdict, text: t('{0}; {1}.', verdict.text, slower) },
    ...(isJust ? [wayOut] : []),
    ...where,
  ];
}

/** Does the plan fit the device that it fits worst? Of no CUDA device, the budget; while the slider moves, only that. */
function verdictOf(
  { budgetBytes }: View,
  { peakBytes, preview }: ShownPlan,
  tightest: AllocatorView | undefined,
): Phrase {
  if (preview) return { text: t('within the budget') };
  if (!tightest)
    return { text: t('fits, {0} headroom', formatMemory(budgetBytes - peakBytes)), tone: 'good' };
  return {
    text: translated(deviceStateText(tightest)),
    tone: deviceState(tightest) === 'fits' ? 'good' : 'warning',
  };
}

/** The device that the plan fits worst: the first, which the budget is of, unless another one is worse. */
function judgedDevice(devices: readonly AllocatorView[], firstId: string): AllocatorView | undefined {
  const worst = tightestDevice(devices);
  const first = devices.find(({ device }) => device === firstId);
  return first && worst && deviceState(first) === deviceState(worst) ? first : worst;
}

/** `23.8 GiB in nvidia-smi`, and of another device than the first which. */
function takenText({ totalBytes, contextBytes, device, name }: AllocatorView, firstId: string): string {
  const total = formatMemory(totalBytes);
  const taken = contextBytes > 0 ? t('{0} in nvidia-smi', total) : t("{0} with PyTorch's allocator", total);
  return device === firstId ? taken : t('{0} on the {1}', taken, name);
}

/** `Training at batch 8, seq 1024`. */
function workloadText({ inputs: { workload }, host }: View): string {
  const dims = [...sizesOf(host.model?.dims ?? [], workload)].map(([name, size]) => `${name} ${size}`);
  const what = workload.mode === 'training' ? t('Training') : t('Inference');
  return dims.length === 0 ? what : t('{0} at {1}', what, dims.join(', '));
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
