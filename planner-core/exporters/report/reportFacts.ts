import { foldAlike } from '../../base/foldAlike';
import { formatDuration, formatMemory, formatOverhead } from '../../base/format';
import { decisionSummary } from '../../plan/decisionSummary';
import {
  deviceState,
  deviceStateText,
  fullDevices,
  takenText,
  tightestDevice,
  type DeviceMemory,
} from '../../plan/deviceMemory';
import { linkText, shortLinkText } from '../../plan/linkText';
import type { Plan } from '../../plan/plan';
import { provenLeastText } from '../../plan/provenLeast';
import { placeName, type OffloadFacts } from '../offloadFacts';
import { decidedLayers, type LayerFacts } from '../layerTable';

/** A table of a report: its heading, names of the columns, rows of text. */
export interface ReportTable {
  readonly heading: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a report says in words, whatever it is written in. */
export interface ReportFacts {
  readonly title: string;
  /** One sentence that a person can act on. */
  readonly sentence: string;
  readonly tables: readonly ReportTable[];
  readonly assumptions: readonly string[];
}

/** Rows of the table of layers. */
const mostLayers = 20;

/**
 * The facts of a plan: what it predicts, what its `devices` show as used, what leaves them, what it is for, what it decides,
 * the heaviest layers, what it assumes.
 */
export function reportFacts(
  plan: Plan,
  layers: readonly LayerFacts[],
  devices: readonly DeviceMemory[],
  offload?: OffloadFacts,
): ReportFacts {
  return {
    title: `${plan.model.file}: memory of one ${plan.workload.mode} step`,
    sentence: [sentenceOf(plan, devices), ...(offload ? [offloadSentence(offload)] : [])].join(' '),
    tables: [
      numbersTable(plan),
      ...devices.map(memoryTable),
      ...(offload ? [offloadTable(offload, plan)] : []),
      settingsTable(plan),
      decisionsTable(plan, layers),
      layersTable(plan, layers),
    ].filter(({ rows }) => rows.length > 0),
    assumptions: plan.assumptions,
  };
}

function sentenceOf(plan: Plan, memory: readonly DeviceMemory[]): string {
  const { prediction, budgetBytes, devices } = plan;
  const { peakBytes, keepAllPeakBytes, overheadPercent, peakPhase, peakNode } = prediction;
  // The budget is the first device's; a plan on several is told device by device in the table.
  const isWithin = (prediction.perDevicePeakBytes[devices[0].id] ?? peakBytes) <= budgetBytes;
  const tightest = tightestDevice(memory);
  const state = tightest && deviceState(tightest);
  const verdict = !isWithin ? 'does not fit' : tightest ? 'is within' : 'fits';
  return [
    `Keeping everything needs ${formatMemory(keepAllPeakBytes)}.`,
    `This plan peaks at ${formatMemory(peakBytes)} in ${peakPhase} (${peakNode}) and`,
    `${verdict} the budget of ${formatMemory(budgetBytes)};`,
    `step time ${formatOverhead(overheadPercent)}.`,
    ...(!tightest
      ? []
      : state === 'does-not-fit'
        ? fullDevices(memory).map((one) => `On ${one.device} it does not fit: it takes ${takenText(one)}.`)
        : [
            `In nvidia-smi ${tightest.device} shows ${formatMemory(tightest.totalBytes)} of ` +
              `${formatMemory(tightest.memoryBytes)}: ${deviceStateText(tightest)}.`,
          ]),
  ].join(' ');
}

function numbersTable({ prediction, budgetBytes }: Plan): ReportTable {
  const devices = Object.entries(prediction.perDevicePeakBytes);
  return {
    heading: 'Predicted',
    header: ['figure', 'value'],
    rows: [
      ['budget', formatMemory(budgetBytes)],
      ['peak', formatMemory(prediction.peakBytes)],
      ...(devices.length > 1
        ? devices.map(([device, bytes]) => [`peak of ${device}`, formatMemory(bytes)])
        : []),
      ['peak, keeping everything', formatMemory(prediction.keepAllPeakBytes)],
      ['kept for backward', formatMemory(prediction.savedBytes)],
      ['step', formatDuration(prediction.stepTimeMs)],
      ['step, keeping everything', formatDuration(prediction.keepAllStepTimeMs)],
      ['slower by', formatOverhead(prediction.overheadPercent)],
      ['proven least', provenLeastText(prediction)],
    ],
  };
}

const offloadSentence = (offload: OffloadFacts): string =>
  `${formatMemory(offload.outBytes)} leave for ${placeName(offload)} over ${shortLinkText(offload.link)}.`;

function offloadTable(offload: OffloadFacts, { prediction }: Plan): ReportTable {
  const { link, outBytes, inBytes, stallMs, peakBytes, target } = offload;
  return {
    heading: 'Offloading',
    header: ['figure', 'value'],
    rows: [
      ['link', linkText(link)],
      ['moved out', formatMemory(outBytes)],
      ['moved back', formatMemory(inBytes)],
      ['waiting for transfers', `${formatDuration(stallMs)} of ${formatDuration(prediction.stepTimeMs)}`],
      [placeName(offload), formatMemory(peakBytes)],
      ...(target.memoryBytes === undefined ? [] : [['of at most', formatMemory(target.memoryBytes)]]),
    ],
  };
}

/** From what tensors ask for to what is there. */
function memoryTable(memory: DeviceMemory): ReportTable {
  const tolerance =
    memory.contextToleranceBytes > 0 ? ` ± ${formatMemory(memory.contextToleranceBytes)}` : '';
  return {
    heading: `Memory of ${memory.device} (${memory.name})`,
    header: ['figure', 'value'],
    rows: [
      ['requested by tensors', formatMemory(memory.requestedPeakBytes)],
      ['allocated (torch.cuda.max_memory_allocated)', formatMemory(memory.allocatedPeakBytes)],
      ['reserved (torch.cuda.max_memory_reserved)', formatMemory(memory.reservedPeakBytes)],
      ['in nvidia-smi', formatMemory(memory.totalBytes) + tolerance],
      ['device', formatMemory(memory.memoryBytes)],
    ],
  };
}

function settingsTable({ workload, devices, strategy, planner, objective }: Plan): ReportTable {
  const { dims, mode, precision, optimizer, loss, semantics } = workload;
  return {
    heading: 'Step and machine',
    header: ['setting', 'value'],
    rows: [
      ['mode', mode],
      ...Object.entries(dims).map(([name, size]) => [name, String(size)]),
      ['precision', precision],
      ['optimizer', optimizer],
      ['loss', loss],
      ['kernels', semantics],
      ['devices', devices.map(({ name, count = 1 }) => (count > 1 ? `${count} × ${name}` : name)).join(', ')],
      ...(objective ? [['placed for', objective]] : []),
      ['strategy', strategy],
      ['planner', planner],
    ],
  };
}

/** Layers that are decided alike are one row; the export of the layers has each of them. */
const decisionsTable = ({ decisions }: Plan, layers: readonly LayerFacts[]): ReportTable => ({
  heading: 'Decisions',
  header: ['decision', 'layers'],
  rows: decisionSummary(decisions, layers).map(({ what, layers }) => [what, layers]),
});

/**
 * The operators that keep most, those that are alike but for a number in one row; modules around them are left out, their
 * parts are there.
 */
function layersTable(plan: Plan, layers: readonly LayerFacts[]): ReportTable {
  const parents = new Set(layers.map(({ parent }) => parent));
  const heaviest = decidedLayers(layers, plan)
    .filter(({ id, savedBytes }) => !parents.has(id) && savedBytes > 0)
    .sort((a, b) => b.savedBytes - a.savedBytes || a.id - b.id)
    .map(({ name, type, savedBytes, forwardMs, backwardMs, decision }) => ({
      name,
      facts: [
        type,
        formatMemory(savedBytes),
        formatDuration(forwardMs + backwardMs),
        decision.choice ?? 'keep',
      ],
    }));
  return {
    heading: 'Layers that keep most',
    header: ['layers', 'number', 'type', 'each keeps', 'time of each', 'choice'],
    rows: foldAlike(heaviest, ({ facts }) => facts.join())
      .slice(0, mostLayers)
      .map(({ text, items }) => [text, String(items.length), ...items[0].facts]),
  };
}
