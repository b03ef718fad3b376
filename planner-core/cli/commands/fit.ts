import { formatMemory, formatOverhead, formatRate } from '../../base/format';
import { withCalibration } from '../../plan/withCalibration';
import {
  defaultMaxOverheadPercent,
  type FitOptions,
  type LargestSize,
  type LeastBudget,
  type SizeProbe,
} from '../../session/goals/goal';
import { takenText } from '../../session/taken';
import { applyEdit, type PlanInputs } from '../../plan/planInputs';
import { allocatorSettingsOf } from '../allocatorOptions';
import { aboutText } from '../assumedText';
import { calibrationOf } from '../calibrationOption';
import { memoryOf } from '../memoryOption';
import { requireKnownDims } from '../knownDims';
import { openModelFile } from '../models';
import { badUsage, devicesOf, pinsOf, strategyOf, workloadOf, type Options } from '../options';
import { message, result, table } from '../output';
import { offloadOf } from '../offloadOptions';
import { changedArguments, planArguments, shellWord } from '../optionsOfEdit';
import { readingNotes } from '../readingNotes';

/**
 * `headroom fit`: what fits a memory. Three answers: the smallest budget, the largest batch, and what to change so that
 * this step fits; with --largest only the largest size of that dimension. Exit code 1 when nothing fits
 * this device.
 */
export async function fit(file: string, options: Options): Promise<number> {
  const session = openModelFile(file);
  requireKnownDims(session, options);
  const devices = devicesOf(options);
  const inputs = {
    ...withCalibration(session.defaultInputs(devices), calibrationOf(options, devices)),
    ...offloadOf(options),
    workload: workloadOf(options),
    strategy: strategyOf(options),
    pins: pinsOf(options, devices),
  };
  for (const note of readingNotes(session, inputs)) message(note);
  const memoryBytes = memoryOf(options.memory) ?? devices[0].memoryBytes;
  const maxOverheadPercent = percentOf(options['max-overhead']) ?? defaultMaxOverheadPercent;
  const question = { inputs, memoryBytes, maxOverheadPercent };
  const allocator = allocatorSettingsOf(options);
  const about = aboutText(session.summary, inputs, options);

  const dimension = options.largest;
  const hasSizes = dimension !== undefined || session.summary.dims.length > 0;
  const largestSize = hasSizes
    ? await session.answer({ ...question, goal: 'largest-size', dimension }, allocator)
    : undefined;
  if (dimension !== undefined) {
    if (options.json) result(JSON.stringify({ largestSize }, undefined, 2));
    else result(`${about}\n\n${largestText(largestSize!, memoryBytes, maxOverheadPercent)}`);
    return largestSize?.largest ? 0 : 1;
  }
  const leastBudget = await session.answer({ ...question, goal: 'least-budget' }, allocator);
  const found = await session.answer({ ...question, goal: 'options' }, allocator);
  if (options.json) result(JSON.stringify({ leastBudget, largestSize, options: found }, undefined, 2));
  else {
    const texts = [
      about,
      leastText(leastBudget, maxOverheadPercent),
      largestSize && largestText(largestSize, memoryBytes, maxOverheadPercent),
      optionsText(found, inputs, planArguments(file, options, inputs)),
    ];
    result(texts.filter((text) => text !== undefined).join('\n\n'));
  }
  return found.now.fits || found.options.some(({ fits, isOtherDevice }) => fits && !isOtherDevice) ? 0 : 1;
}

function leastText({ plan, provenLeastBytes, keepAllPeakBytes }: LeastBudget, percent: number): string {
  const kept = `keeping everything needs ${formatMemory(keepAllPeakBytes)}`;
  if (!plan) return `No plan adds at most ${percent} %: ${kept}, and pins take more time.`;
  return (
    `Smallest budget adding at most ${percent} %: ${formatMemory(plan.budgetBytes)} ` +
    `(${formatOverhead(plan.overheadPercent)}, ${plan.planner}); proven: none under ` +
    `${formatMemory(provenLeastBytes)}; ${kept}.`
  );
}

function largestText(answer: LargestSize, memoryBytes: number, percent: number): string {
  const { dimension, largest, next, fastest, probes, isBatch } = answer;
  const within = `in ${formatMemory(memoryBytes)} adding at most ${percent} %`;
  const head = largest
    ? `Largest ${dimension} ${within}: ${largest.size}`
    : `No ${dimension} fits ${within}.`;
  const why = next && whyNot(next);
  const rows = probes.map((probe) => [
    String(probe.size),
    probe.verdict.replace('-', ' '),
    probe.peakBytes > 0 ? takenText(probe) : '',
    formatOverhead(probe.overheadPercent),
    ...(isBatch ? [probe.verdict === 'fits' ? formatRate(probe.samplesPerSecond) : ''] : []),
  ]);
  const columns = [dimension, '', 'takes', 'overhead', ...(isBatch ? ['samples/s'] : [])];
  const best =
    fastest &&
    `Fastest of those tried: ${dimension} ${fastest.size}, ${formatRate(fastest.samplesPerSecond)} samples/s.`;
  return [head, why, best, table([columns, ...rows])].filter(Boolean).join('\n');
}

const whyNot = ({ size, verdict, reason, proven }: SizeProbe): string =>
  `${size} ${verdict === 'too-slow' ? 'is too slow' : 'does not fit'}: ${reason}${proven ? ' (proven)' : ''}`;

/** What to change, each with the options that make `headroom plan` plan it. */
function optionsText(
  { now, memoryBytes, options }: FitOptions,
  inputs: PlanInputs,
  planned: readonly string[],
): string {
  const needs = `Keeping everything takes ${takenText(now)}`;
  if (now.fits) return `${needs}: fits ${formatMemory(memoryBytes)}, nothing has to change.`;
  const fits = options.some((option) => option.fits && !option.isOtherDevice);
  const head = fits
    ? `${needs}. To fit ${formatMemory(memoryBytes)}:`
    : `${needs}. Nothing that was tried fits ${formatMemory(memoryBytes)} of this device:`;
  const rows = options.map((option) => [
    option.label,
    option.fits ? 'fits' : 'too big',
    takenText(option.need),
    option.fits ? `× ${option.relativeTime.toFixed(2)}` : '',
    { none: 'same', rounding: 'rounding differs', training: 'changes' }[option.effect],
  ]);
  const added = options
    .filter((option) => option.fits)
    .map(({ label, edit }) => [label, changedArguments(inputs, applyEdit(inputs, edit))] as const)
    .flatMap(([label, words]) => (words ? [[label, words.map(shellWord).join(' ')]] : []));
  const commands =
    added.length > 0
      ? `\n\nTo plan one of them: headroom plan ${planned.map(shellWord).join(' ')}, and\n${table(added)}`
      : '';
  return `${head}\n${table([['', '', 'takes', 'time for the same data', 'training'], ...rows])}${commands}`;
}

function percentOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const percent = Number(text.replace(/\s*%$/, ''));
  if (text.trim() === '' || !(percent >= 0) || !Number.isFinite(percent))
    throw badUsage(`--max-overhead is "${text}": expected a percentage such as 10.`);
  return percent;
}
