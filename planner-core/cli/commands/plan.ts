import { HeadroomError } from '../../base/errors';
import { uncontrolled } from '../../base/job';
import { formatLeastPercent, formatMemory, formatOverhead } from '../../base/format';
import { deviceWarnings } from '../../plan/deviceMemory';
import type { PlanInputs } from '../../plan/planInputs';
import { withCalibration } from '../../plan/withCalibration';
import { planText } from '../../plan/writePlan';
import type { PinPrice } from '../../session/pinPrices';
import type { PlannerSession } from '../../session/plannerSession';
import type { RefineOptions } from '../../session/sessionPlans';
import type { Proof } from '../../session/refine';
import { allocatorSettingsOf } from '../allocatorOptions';
import { assumedRows } from '../assumedText';
import { requireKnownDims } from '../knownDims';
import { memorySize } from '../memoryOption';
import { openModelFile } from '../models';
import { calibrationOf } from '../calibrationOption';
import { badUsage, pinsOf, positiveNumber, strategyOf, workloadOf, type Options } from '../options';
import { machineOf } from '../machineOptions';
import { offloadOf } from '../offloadOptions';
import { planWords } from '../planText';
import { readingNotes } from '../readingNotes';
import { solverEngine } from '../solverEngine';
import { planChunks } from './planChunks';
import { planPacks } from './planPacks';
import { planSizes } from './planSizes';
import { infeasibleHint } from '../infeasibleHint';
import { message, result, warnings, writeWhole } from '../output';

/** How long to prove unless told otherwise. */
const proofLimitS = 30;

/** `headroom plan`: the plan for a budget. Exit code 1 when none fits. */
export async function plan(file: string, options: Options): Promise<number> {
  const session = openModelFile(file);
  requireKnownDims(session, options);
  const machine = machineOf(options);
  const { devices } = machine;
  const base = {
    ...withCalibration({ ...session.defaultInputs(devices), ...machine }, calibrationOf(options, devices)),
    ...offloadOf(options),
    workload: workloadOf(options),
    strategy: strategyOf(options),
    pins: pinsOf(options, devices),
  };
  for (const note of readingNotes(session, base)) message(note);
  const budgetBytes = budgetOf(options, () => session.configure(base).keepAllPeakBytes);
  const withBudget = { ...base, budgetBytes };
  if (options.sizes !== undefined) return planSizes(session, withBudget, options);
  if (options.chunks !== undefined && options.packs !== undefined)
    throw badUsage('Model data moves in chunks or with packs: give --chunks or --packs.');
  if (options.packs !== undefined || options.chunks !== undefined) {
    if (budgetBytes === undefined) throw badUsage('--chunks and --packs need --budget, e.g. --budget 8GiB.');
    const bounded = { ...base, budgetBytes };
    return options.packs === undefined
      ? planChunks(session, bounded, options)
      : planPacks(session, bounded, options);
  }
  for (const name of ['update-on', 'host-device'] as const)
    if (options[name] !== undefined) throw badUsage(`--${name} goes with --chunks.`);
  const timeLimitS = positiveNumber('time-limit', options['time-limit']);
  const allocator = allocatorSettingsOf(options);
  const planner = options.planner ?? 'auto';
  if (options.prove && planner !== 'auto') throw badUsage('--prove goes with --planner auto only.');
  if (options.prove) await prove(session, withBudget, { allocator, timeLimitS: timeLimitS ?? proofLimitS });
  // What has been proven is the session's default plan; a search with a limit would start anew.
  const view = await session.plan(
    withBudget,
    options.prove ? { allocator } : { planner, timeLimitS, allocator },
  );
  if (view.infeasible) {
    const { message: text, node } = view.infeasible;
    for (const line of priceLines(await session.pinPrices(withBudget))) message(line);
    throw new HeadroomError('infeasible', text, infeasibleHint(session.configure(withBudget).step, node), {
      node,
    });
  }
  const text = planText(view.plan);
  if (options.out) {
    writeWhole(options.out, text);
    message(`wrote ${options.out}`);
  }
  if (options.json) result(text);
  else {
    const prices = await session.pinPrices(withBudget);
    const { layers } = session.configure(withBudget);
    const assumed = assumedRows(view.plan.workload, options, session.summary);
    result(planWords(view, session.summary, layers, assumed, options.verbose ?? false));
    for (const line of priceLines(prices)) message(line);
  }
  warnings(deviceWarnings(view.plan, view.allocators ?? []));
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

/** `8GiB`, `8000000000` or `70%` of what keeping everything needs; undefined: as much as fits the device that is given. */
function budgetOf(
  { budget: text, device, machine }: Options,
  keepAllPeakBytes: () => number,
): number | undefined {
  if (text === undefined) {
    if (device !== undefined || machine !== undefined) return undefined;
    throw badUsage('plan needs --budget, e.g. --budget 8GiB or --budget 70%, or --device to fill.');
  }
  const percent = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text);
  const expected = 'a size such as 8GiB, or a percentage above 0';
  if (!percent) return memorySize('--budget', text, expected);
  const bytes = Math.floor((Number(percent[1]) / 100) * keepAllPeakBytes());
  if (bytes <= 0) throw badUsage(`--budget is "${text}": expected ${expected}.`);
  return bytes;
}

/** Tightens what is proven, and says how that ended. */
async function prove(
  session: PlannerSession,
  inputs: PlanInputs,
  limits: Omit<RefineOptions, 'engine'>,
): Promise<void> {
  const engine = solverEngine();
  try {
    const { proof } = await session.refine(inputs, { ...limits, engine }, uncontrolled, () => undefined);
    message(`proof: ${proof.note ?? endings[proof.state]}`);
    if (proof.isStrategyInfeasible) message('proof: no choice of checkpointed modules fits the budget');
    else if (proof.strategyBoundPercent !== undefined)
      message(
        `proof: no choice of checkpointed modules costs less than ${formatLeastPercent(proof.strategyBoundPercent)}`,
      );
  } finally {
    engine.dispose();
  }
}

const endings: Readonly<Record<Proof['state'], string>> = {
  proving: 'the search goes on',
  optimal: 'the plan is optimal',
  infeasible: 'no plan of any kind fits the budget',
  open: 'the search has ended with a gap between plan and bound',
  unprovable: 'nothing is proven for several devices, offloads by hand or reentrant checkpoints',
};
