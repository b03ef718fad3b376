import { HeadroomError } from '../../base/errors';
import { formatMemory, formatOverhead, parseMemory } from '../../base/format';
import { withCalibration } from '../../plan/withCalibration';
import { planText } from '../../plan/writePlan';
import type { PinPrice } from '../../session/pinPrices';
import { allocatorSettingsOf } from '../allocatorOptions';
import { openModelFile } from '../models';
import { calibrationOf } from '../calibrationOption';
import {
  badUsage,
  devicesOf,
  pinsOf,
  positiveNumber,
  strategyOf,
  workloadOf,
  type Options,
} from '../options';
import { readingNotes } from '../readingNotes';
import { message, result, table, writeWhole } from '../output';

/** `headroom plan`: the plan for a budget. Exit code 1 when none fits. */
export async function plan(file: string, options: Options): Promise<number> {
  const session = openModelFile(file);
  const devices = devicesOf(options);
  const base = {
    ...withCalibration(session.defaultInputs(devices), calibrationOf(options, devices)),
    workload: workloadOf(options),
    strategy: strategyOf(options),
    pins: pinsOf(options, devices),
  };
  for (const note of readingNotes(session, base)) message(note);
  const budgetBytes = budgetOf(options.budget, () => session.configure(base).keepAllPeakBytes);
  const withBudget = { ...base, budgetBytes };
  const timeLimitS = positiveNumber('time-limit', options['time-limit']);
  const view = await session.plan(withBudget, {
    planner: options.planner ?? 'auto',
    timeLimitS,
    allocator: allocatorSettingsOf(options),
  });
  if (view.infeasible) {
    const { message: text, node } = view.infeasible;
    for (const line of priceLines(await session.pinPrices(withBudget))) message(line);
    throw new HeadroomError('infeasible', text, 'Raise the budget or reduce the batch.', { node });
  }
  const text = planText(view.plan);
  if (options.out) {
    writeWhole(options.out, text);
    message(`wrote ${options.out}`);
  }
  if (options.json) result(text);
  else {
    const { prediction, decisions } = view.plan;
    const prices = await session.pinPrices(withBudget);
    result(
      table([
        ['peak', `${formatMemory(prediction.peakBytes)} of ${formatMemory(budgetBytes)}`],
        ...(view.allocators ?? []).map((shown) => [
          `as nvidia-smi shows ${shown.device}`,
          `${formatMemory(shown.totalBytes)} of ${formatMemory(shown.memoryBytes)}`,
        ]),
        ['step', formatOverhead(prediction.overheadPercent)],
        ['proven least', formatOverhead(prediction.lowerBoundPercent)],
        ['planner', view.plan.planner],
        ...decisions.map((d) => [`${d.choice ?? ''} ${d.device ?? ''}`.trim(), d.target]),
      ]),
    );
    for (const line of priceLines(prices)) message(line);
  }
  return 0;
}

/** What each pin costs, in words. */
function priceLines(prices: readonly PinPrice[]): string[] {
  return prices.flatMap(({ target, overheadPercent, unlocksBudget, unreachable }) => [
    ...(overheadPercent === undefined
      ? []
      : [`the pin of ${target} costs ${formatOverhead(overheadPercent)}`]),
    ...(unlocksBudget ? [`without the pin of ${target} the budget can be met`] : []),
    ...(unreachable
      ? [
          `the pin of ${target} puts ${formatMemory(unreachable.fromBytes)} to ` +
            `${formatMemory(unreachable.toBytes)} out of reach`,
        ]
      : []),
  ]);
}

/** `8GiB`, `8000000000` or `70%` of what keeping everything needs. */
function budgetOf(text: string | undefined, keepAllPeakBytes: () => number): number {
  if (text === undefined) throw badUsage('plan needs --budget, e.g. --budget 8GiB or --budget 70%.');
  const percent = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text);
  const bytes = percent ? Math.floor((Number(percent[1]) / 100) * keepAllPeakBytes()) : parseMemory(text);
  if (bytes === undefined || bytes <= 0)
    throw badUsage(`--budget is "${text}": expected a size or a percentage.`);
  return bytes;
}
