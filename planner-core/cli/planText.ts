import { formatDuration, formatLeastPercent, formatMemory, formatOverhead } from '../base/format';
import { eachDevice } from '../devices/machine';
import { decisionSummary, decisionText, everyDecision, type DecisionLine } from '../plan/decisionSummary';
import { deviceState, deviceStateText } from '../plan/deviceMemory';
import type { LayerRow, ModelSummary, PlanView } from '../session/types';
import { offloadRows } from './offloadText';
import { table } from './output';
import { placementRows, placementTables, samePercent } from './placementText';
import { workloadRows } from './workloadText';

/** More lines of decisions than this are cut off, unless all are asked for. */
const mostLines = 14;

/**
 * What `headroom plan` prints: what the plan is for, what it costs, what it decides. `layers` is the tree of the model's
 * layers; `assumed` are rows of what was not told; `verbose` prints a line for each decision.
 */
export function planWords(
  view: PlanView,
  model: Pick<ModelSummary, 'dims'>,
  layers: readonly LayerRow[],
  assumed: readonly string[][],
  verbose: boolean,
): string {
  const { plan, placement, allocators = [] } = view;
  const { prediction, budgetBytes, decisions } = plan;
  const devices = eachDevice(plan.devices);
  const isPlaced = placement !== undefined && placement.objective !== 'fit';
  const peakOf = devices.length > 1 ? `peak of ${devices[0].id}` : 'peak';
  const perDevice = prediction.throughput?.perDevicePeakBytes ?? prediction.perDevicePeakBytes;
  const firstPeak = perDevice[devices[0].id] ?? prediction.peakBytes;
  const lines = verbose ? everyDecision(decisions) : fewLines(view, layers);
  const shown = verbose || lines.length <= mostLines + 1 ? lines : lines.slice(0, mostLines);
  const left = lines.length - shown.length;
  // A process makes no context on a device that nothing runs on.
  const used = allocators.filter(({ device }) => perDevice[device] !== 0);
  const facts = table([
    ...workloadRows(model, plan),
    ...assumed,
    [peakOf, `${formatMemory(firstPeak)} of ${formatMemory(budgetBytes)}`],
    ...used.map((shown) => [
      `as nvidia-smi shows ${shown.device}`,
      `${formatMemory(shown.totalBytes)} of ${formatMemory(shown.memoryBytes)}: ${deviceStateText(shown)}`,
    ]),
    ...roomRows(view),
    ...(isPlaced ? placementRows(placement) : [['step', stepText(view)], ...proofRows(view)]),
    ['planner', plan.planner],
    ...offloadRows(view),
    ...shown.map(({ what, layers }) => [what, layers]),
    ...(left > 0 ? [['…', `${left} lines more: --verbose shows every decision`]] : []),
  ]);
  return [facts, ...(placement ? placementTables(placement, devices) : [])].join('\n\n');
}

/** What is decided; layers that are all on one device are not told one by one. */
function fewLines({ plan: { decisions }, placement }: PlanView, layers: readonly LayerRow[]): DecisionLine[] {
  const busy = placement?.perDevice.filter(({ busyMs }) => busyMs > 0) ?? [];
  const isOnOne =
    busy.length === 1 && decisions.every((decision) => decisionText(decision) === busy[0].device);
  return isOnOne ? [{ what: busy[0].device, layers: 'the whole model' }] : decisionSummary(decisions, layers);
}

/** A budget that the device has no room for is planned for nevertheless: it may be meant for another device. */
function roomRows({ plan: { budgetBytes }, allocators: [first] = [] }: PlanView): string[][] {
  if (!first || deviceState(first) !== 'does-not-fit') return [];
  const roomBytes = first.memoryBytes - first.contextBytes;
  if (budgetBytes <= roomBytes) return [];
  return [
    [
      'budget',
      `more than ${first.name} has room for, at the most ${formatMemory(roomBytes)}; without --budget the plan is for what fits`,
    ],
  ];
}

const stepText = ({ plan: { prediction } }: PlanView): string =>
  `${formatDuration(prediction.stepTimeMs)}, ${formatOverhead(prediction.overheadPercent)}`;

/** What is proven of the time of the step; of energy nothing is, which is said where the plan makes least of that. */
function proofRows({ plan: { prediction, minimise = 'time' } }: PlanView): string[][] {
  const { overheadPercent, lowerBoundPercent } = prediction;
  const least = formatLeastPercent(lowerBoundPercent);
  if (minimise !== 'time') {
    const time = lowerBoundPercent > 0 ? `; no plan for this budget adds less than ${least} of time` : '';
    const aim = minimise === 'carbon' ? 'carbon dioxide' : minimise;
    return [['proven', `nothing about ${aim}${time}`]];
  }
  if (overheadPercent - lowerBoundPercent <= samePercent)
    return [['proven', 'no plan for this budget is faster']];
  if (lowerBoundPercent <= 0) return [['proven', 'nothing yet of how fast a plan can be']];
  return [['proven', `no plan for this budget adds less than ${least}`]];
}
