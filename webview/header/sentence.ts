import { formatMemory, formatOverhead } from '../../planner-core/base/format';
import type { View } from '../state/view';

/** A part of the sentence and how it is coloured. */
export interface Phrase {
  readonly text: string;
  readonly tone?: 'good' | 'error';
}

/** What the numbers mean for the person who must decide. Empty before there is a plan. */
export function sentence({ step, shown, inputs, budgetBytes, host }: View): Phrase[] {
  if (!step || !shown) return [];
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
    phrases.push({ text: infeasibleText(shown.infeasible, shown.peakBytes, host.frontier), tone: 'error' });
    return phrases;
  }
  const headroom = formatMemory(budgetBytes - shown.peakBytes);
  phrases.push(
    { text: `This plan peaks at ${formatMemory(shown.peakBytes)}:` },
    { text: `fits, ${headroom} headroom, step ${formatOverhead(shown.overheadPercent)}.`, tone: 'good' },
  );
  const full = shown.allocators?.find(({ fit }) => fit === 'out-of-memory');
  if (full) {
    phrases.push({
      text: `With PyTorch's allocator and the CUDA context it takes ${formatMemory(full.totalBytes)}: more than the ${full.name} has.`,
      tone: 'error',
    });
  }
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
