import { formatMemory, formatOverhead } from '../../planner-core/base/format';
import { placementSentence } from '../placement/placementSentence';
import type { PlanDevice } from '../../planner-core/plan/plan';
import type { ShownPlan } from '../state/shownPlan';
import type { View } from '../state/view';
import { peakPlace } from './peakPlace';

/** A part of the sentence and how it is coloured. */
export interface Phrase {
  readonly text: string;
  readonly tone?: 'good' | 'error';
  /** Opens what could be changed to fit. */
  readonly opens?: 'goals';
}

const wayOut: Phrase = { text: 'See what fits', opens: 'goals' };

/** What the numbers mean for the person who must decide. Empty before there is a plan. */
export function sentence(view: View): Phrase[] {
  const { step, shown, inputs, devices, budgetBytes, host } = view;
  if (!step || !shown) return [];
  const { placement } = shown;
  if (placement && placement.objective !== 'fit')
    return placementSentence(placement, devices, shown.infeasible);
  const [device] = inputs.devices;
  const needs = `${workloadText(view)} needs ${formatMemory(step.view.keepAllPeakBytes)}`;
  const isWhole = budgetBytes === device.memoryBytes;
  const usable = usableBytes(shown, devices[0]);
  const isUnplanned = shown.overheadPercent === 0 && shown.peakBytes === step.view.keepAllPeakBytes;
  const room = isWhole
    ? `${needs} on the ${device.name}; ${formatMemory(usable)} are usable`
    : `${needs}; the budget is ${formatMemory(budgetBytes)} of the ${device.name}'s ${formatMemory(device.memoryBytes)}`;
  const phrases: Phrase[] = [{ text: `${room}.` }];
  if (!shown.fits) {
    const text = infeasibleText(shown.infeasible, shown.peakBytes, host.frontier);
    return [...phrases, { text, tone: 'error' }, wayOut];
  }
  const slower = `step ${formatOverhead(shown.overheadPercent)}`;
  const full = shown.allocators?.find(({ fit }) => fit === 'out-of-memory');
  if (full) {
    // The budget is about tensors: a plan within it can still be more than the device holds, and then it does not fit.
    const taken = `${formatMemory(full.totalBytes)} with PyTorch's allocator and the CUDA context`;
    return [
      ...phrases,
      { text: `This plan peaks at ${formatMemory(shown.peakBytes)}, ${slower}:` },
      { text: `within the budget, but it takes ${taken}, more than the ${full.name} has.`, tone: 'error' },
      wayOut,
    ];
  }
  const headroom = formatMemory(Math.max(0, (isWhole ? usable : budgetBytes) - shown.peakBytes));
  const peak = peakPlace(shown.evaluation, step.tree);
  const where = peak === '' ? [] : [{ text: `Peak: ${peak}.` }];
  if (isUnplanned) {
    const fits: Phrase = { text: `fits, ${headroom} headroom.`, tone: 'good' };
    return [{ text: `${room}:` }, fits, { text: 'Nothing is recomputed.' }, ...where];
  }
  return [
    ...phrases,
    { text: `This plan peaks at ${formatMemory(shown.peakBytes)}:` },
    { text: `fits, ${headroom} headroom, ${slower}.`, tone: 'good' },
    ...where,
  ];
}

/** `Training at batch 8, seq 1024`. */
function workloadText({ inputs: { workload }, host }: View): string {
  const dims = (host.model?.dims ?? []).map(
    ({ name, assumed }) => `${name} ${workload.dims[name] ?? assumed}`,
  );
  const what = workload.mode === 'training' ? 'Training' : 'Inference';
  return dims.length === 0 ? what : `${what} at ${dims.join(', ')}`;
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
  const least = `No plan fits: the least found needs ${formatMemory(leastBytes)}.`;
  if (!frontier?.floorNode) return least;
  return `${least} ${frontier.floorNode} alone needs ${formatMemory(frontier.floorBytes)}: proven.`;
}
