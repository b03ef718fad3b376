import { formatMemory, formatOverhead } from '../../planner-core/base/format';
import { takenText } from '../../planner-core/session/taken';
import type {
  Effect,
  FitOption,
  FitOptions,
  LargestSize,
  LeastBudget,
  Need,
  SizeProbe,
} from '../../planner-core/session/goals/goal';
import { findDevice } from '../../planner-core/devices/catalogue';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { GoalsQuestion, GoalsState } from '../../planner-core/protocol/goals';
import { t, translated } from '../base/l10n';

/** What people read for what an option does to training. */
export const effectNames: Readonly<Record<Effect, string>> = {
  none: t('same numbers'),
  rounding: t('rounds differently'),
  training: t('changes training'),
};

/** Of the device, where it says more than what is requested. */
export const takenBytes = ({ totalBytes, peakBytes }: Need): number => totalBytes ?? peakBytes;

const ratePerSecond = ({ samplesPerSecond }: SizeProbe): string => {
  const digits = samplesPerSecond >= 100 ? 0 : samplesPerSecond >= 10 ? 1 : 2;
  const rate = Number(samplesPerSecond.toFixed(digits));
  return t('{0} samples/s', rate.toLocaleString('en', { minimumFractionDigits: digits }));
};

/** `23.9 GiB · +8.5 % · 19.6 samples/s`. */
export function sizeFacts(probe: SizeProbe, isBatch: boolean): string {
  const facts = [formatMemory(takenBytes(probe)), t('step {0}', formatOverhead(probe.overheadPercent))];
  return [...facts, ...(isBatch ? [ratePerSecond(probe)] : [])].join(' · ');
}

/** Why the next size does not fit. */
export function nextText({ next }: LargestSize): string {
  if (!next) return '';
  const { size, proven, verdict } = next;
  const reason = translated(next.reason);
  if (verdict === 'too-slow') return t('{0} is too slow: {1}', size, reason);
  return proven ? t('{0} does not fit: {1} Proven.', size, reason) : t('{0} does not fit: {1}', size, reason);
}

/** What no plan can do. */
export function provenText({ provenLeastBytes }: LeastBudget, maxOverheadPercent: number): string {
  return t(
    'Proven: no plan under {0} stays within {1} %.',
    formatMemory(provenLeastBytes),
    maxOverheadPercent,
  );
}

/** Of the smallest budget that is fast enough, where the device lacks the memory for it. */
export const tooMuchText = (need: Need, memoryBytes: number): string =>
  t('Takes {0}: more than the {1} of this device.', takenText(need), formatMemory(memoryBytes));

/** The memory a question is about: what was asked for, else all of the device asked about. */
export function memoryAsked({ memoryBytes, device }: GoalsQuestion, { devices }: PlanInputs): number {
  const named = device === undefined ? undefined : findDevice(device);
  return memoryBytes ?? (named ?? devices[0]).memoryBytes;
}

/** What heads the list of options. */
export function optionsTitle({ now, memoryBytes, options }: FitOptions): string {
  const needs = t('Keeping everything takes {0}', takenText(now));
  const memory = formatMemory(memoryBytes);
  if (now.fits) return t('{0}: it fits {1}, nothing has to change.', needs, memory);
  return options.some(({ fits, isOtherDevice }) => fits && !isOtherDevice)
    ? t('{0}. What to change to fit {1}:', needs, memory)
    : t(
        '{0}. Nothing that was tried fits {1} of this device; the first of “not enough” needs least.',
        needs,
        memory,
      );
}

/** `+6 %`: time for the same data against keeping everything now. */
export const timeText = ({ relativeTime }: FitOption): string => formatOverhead((relativeTime - 1) * 100);

/** Read out once all is answered. */
export function summary({ leastBudget, largestSize, options }: GoalsState): string {
  const best = options?.options.find(({ fits }) => fits);
  return [
    largestSize &&
      (largestSize.largest
        ? t('Largest {0}: {1}.', largestSize.dimension, largestSize.largest.size)
        : t('No {0} fits.', largestSize.dimension)),
    leastBudget?.plan && t('Smallest budget: {0}.', formatMemory(leastBudget.plan.budgetBytes)),
    options?.now.fits ? t('Everything fits.') : best && t('First option: {0}.', translated(best.label)),
  ]
    .filter(Boolean)
    .join(' ');
}
