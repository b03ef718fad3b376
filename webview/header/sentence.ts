import { formatMemory, formatOverhead } from '../../planner-core/base/format';
import { placementSentence } from '../placement/placementSentence';
import type { View } from '../state/view';

/** A part of the sentence and how it is coloured. */
export interface Phrase {
  readonly text: string;
  readonly tone?: 'good' | 'error';
  /** Opens what could be changed to fit. */
  readonly opens?: 'goals';
}

const wayOut: Phrase = { text: 'See what fits', opens: 'goals' };

/** What the numbers mean for the person who must decide. Empty before there is a plan. */
export function sentence({ step, shown, inputs, devices, budgetBytes, host }: View): Phrase[] {
  if (!step || !shown) return [];
  const { placement } = shown;
  if (placement && placement.objective !== 'fit')
    return placementSentence(placement, devices, shown.infeasible);
  const [device] = inputs.devices;
  const phrases: Phrase[] = [
    { text: `Keeping everything needs ${formatMemory(step.view.keepAllPeakBytes)}.` },
    {
      text:
        budgetBytes === device.memoryBytes
          ? `The ${device.name} has ${formatMemory(device.memoryBytes)}.`
          : `The budget is ${formatMemory(budgetBytes)} of the ${device.name}'s ${formatMemory(device.memoryBytes)}.`,
    },
  ];
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
  const headroom = formatMemory(budgetBytes - shown.peakBytes);
  phrases.push(
    { text: `This plan peaks at ${formatMemory(shown.peakBytes)}:` },
    { text: `fits, ${headroom} headroom, ${slower}.`, tone: 'good' },
  );
  if (shown.overheadPercent === 0) phrases.push({ text: 'Nothing is recomputed.' });
  return phrases;
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
