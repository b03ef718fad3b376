import { formatMemory, formatOverhead } from '../../planner-core/base/format';
import type {
  Effect,
  FitOption,
  FitOptions,
  LargestSize,
  LeastBudget,
  Need,
  SizeProbe,
} from '../../planner-core/session/goals/goal';
import type { GoalsState } from '../../planner-core/protocol/goals';

/** What people read for what an option does to training. */
export const effectNames: Readonly<Record<Effect, string>> = {
  none: 'same numbers',
  rounding: 'rounds differently',
  training: 'changes training',
};

/** Of the device, where it says more than what is requested. */
export const takenBytes = ({ totalBytes, peakBytes }: Need): number => totalBytes ?? peakBytes;

export const ratePerSecond = ({ samplesPerSecond }: SizeProbe): string => {
  const digits = samplesPerSecond >= 100 ? 0 : samplesPerSecond >= 10 ? 1 : 2;
  const rate = Number(samplesPerSecond.toFixed(digits));
  return `${rate.toLocaleString('en', { minimumFractionDigits: digits })} samples/s`;
};

/** `23.9 GiB · +8.5 % · 19.6 samples/s`. */
export function sizeFacts(probe: SizeProbe, isBatch: boolean): string {
  const facts = [formatMemory(takenBytes(probe)), `step ${formatOverhead(probe.overheadPercent)}`];
  return [...facts, ...(isBatch ? [ratePerSecond(probe)] : [])].join(' · ');
}

/** Why the next size does not fit. */
export function nextText({ next }: LargestSize): string {
  return next ? `${next.size} does not fit: ${next.reason}${next.proven ? ' Proven.' : ''}` : '';
}

/** What no plan can do. */
export function provenText({ provenLeastBytes }: LeastBudget, maxOverheadPercent: number): string {
  return `Proven: no plan under ${formatMemory(provenLeastBytes)} stays within ${maxOverheadPercent} %.`;
}

/** What heads the list of options. */
export function optionsTitle({ now, memoryBytes, options }: FitOptions): string {
  const needs = `Keeping everything takes ${formatMemory(takenBytes(now))}`;
  const memory = formatMemory(memoryBytes);
  if (now.fits) return `${needs}: it fits ${memory}, nothing has to change.`;
  return options.some(({ fits, isOtherDevice }) => fits && !isOtherDevice)
    ? `${needs}. What to change to fit ${memory}:`
    : `${needs}. Nothing that was tried fits ${memory} of this device; the first of “not enough” needs least.`;
}

/** `+6 %`: time for the same data against keeping everything now. */
export const timeText = ({ relativeTime }: FitOption): string => formatOverhead((relativeTime - 1) * 100);

/** Read out once all is answered. */
export function summary({ leastBudget, largestSize, options }: GoalsState): string {
  const best = options?.options.find(({ fits }) => fits);
  return [
    largestSize &&
      (largestSize.largest
        ? `Largest ${largestSize.dimension}: ${largestSize.largest.size}.`
        : `No ${largestSize.dimension} fits.`),
    leastBudget?.plan && `Smallest budget: ${formatMemory(leastBudget.plan.budgetBytes)}.`,
    options?.now.fits ? 'Everything fits.' : best && `First option: ${best.label}.`,
  ]
    .filter(Boolean)
    .join(' ');
}
