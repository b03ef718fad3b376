import { formatDuration, formatMemory, formatOverhead } from '../base/format';
import { naturalOrder } from '../base/naturalOrder';
import { decisionText } from './decisionSummary';
import { linkText, machineLinkText } from './linkText';
import type { OffloadTarget, PlannedOffload } from './offloadTarget';
import type { Plan, PlanDevice } from './plan';
import { provenLeastText } from './provenLeast';
import { sizedOffloads, sizedPlanFacts, sizeSettings } from './sizePlanFacts';

/** One thing in which two plans differ, in words; a side is absent where that plan has nothing of it. */
export interface PlanDifference {
  readonly about: 'model' | 'setting' | 'prediction' | 'layer' | 'transfer';
  /** A field of the plan, or the name of a layer or of a value that is moved. */
  readonly what: string;
  readonly before?: string;
  readonly after?: string;
}

/**
 * What differs between two plans: what they are for, what a person set, what they predict, what they decide for each
 * layer. Empty where they say the same; plans of different models differ in nothing else that could be compared. Pure; in
 * the order of the plan file, layers by name.
 */
export function planDifferences(before: Plan, after: Plan): PlanDifference[] {
  const models = rows('model', modelFacts(before), modelFacts(after));
  if (areOtherModels(before, after)) return models;
  return [
    ...models,
    ...rows('setting', settings(before), settings(after)),
    ...rows('prediction', predictions(before), predictions(after)),
    ...rows('layer', decisions(before), decisions(after)),
    ...rows('transfer', transfers(before), transfers(after)),
  ];
}

/** A file exported anew under its name is the same model, and so is one that was renamed. */
const areOtherModels = ({ model: before }: Plan, { model: after }: Plan): boolean =>
  before.file !== after.file && before.fingerprint !== after.fingerprint;

/** `exact`: what `text` is a rounding of, told where only that differs. */
type Fact = readonly [what: string, text: string | undefined, exact?: number];
type Facts = readonly Fact[];

function rows(about: PlanDifference['about'], before: Facts, after: Facts): PlanDifference[] {
  const [old, now] = [before, after].map((facts) => new Map(facts.map((fact) => [fact[0], fact])));
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((what): PlanDifference[] => {
    const [, oldText, oldExact] = old.get(what) ?? [what];
    const [, newText, newExact] = now.get(what) ?? [what];
    if (oldText !== newText) return [{ about, what, before: oldText, after: newText }];
    if (oldExact === newExact) return [];
    return [{ about, what, before: `${oldText} (${oldExact})`, after: `${newText} (${newExact})` }];
  });
}

const modelFacts = ({ model }: Plan): Facts => [
  ['file', model.file],
  ['structure', model.fingerprint],
];

function settings(plan: Plan): Facts {
  const { dims, ...workload } = plan.workload;
  return [
    ...Object.entries(dims).map(([name, size]) => [name, String(size)] as const),
    ...Object.entries(workload).map(([name, value]) => [name, valueText(value)] as const),
    ['devices', plan.devices.map(deviceText).join(', ')],
    ...(plan.links ?? []).map(
      ({ between, ...link }) => [`link ${between.join(' – ')}`, machineLinkText(link)] as const,
    ),
    ['objective', plan.objective],
    ['offload', plan.offload && offloadText(plan.offload)],
    ['minimise', plan.minimise],
    ['calibration', plan.calibration?.file],
    memory('budget', plan.budgetBytes),
    ['strategy', plan.strategy],
    ...(plan.sizes ? sizeSettings(plan.sizes) : []),
  ];
}

function predictions({ prediction }: Plan): Facts {
  const perDevice = Object.entries(prediction.perDevicePeakBytes);
  return [
    memory('peak', prediction.peakBytes),
    ['peak at', prediction.peakNode],
    [
      'step',
      `${formatDuration(prediction.stepTimeMs)} (${formatOverhead(prediction.overheadPercent)})`,
      prediction.stepTimeMs,
    ],
    ['proven least', provenLeastText(prediction), prediction.lowerBoundPercent],
    // Of one device it is the peak above.
    ...(perDevice.length > 1 ? perDevice.map(([device, bytes]) => memory(`peak of ${device}`, bytes)) : []),
    ...throughputFacts(prediction),
  ];
}

function throughputFacts({ throughput }: Plan['prediction']): Facts {
  if (!throughput) return [];
  return [
    ['update, or period of a stream', formatDuration(throughput.timeMs), throughput.timeMs],
    ...Object.entries(throughput.perDevicePeakBytes).map(([device, bytes]) =>
      memory(`peak of ${device} with all that is in flight`, bytes),
    ),
  ];
}

/** Decisions by layer; those for computations of a schedule are told by their number, there may be thousands. */
function decisions(plan: Plan): Facts {
  return [
    ...[...plan.decisions]
      .sort((a, b) => naturalOrder(a.target, b.target))
      .map((decision) => [decision.target, decisionText(decision)] as const),
    ...(plan.replicas ?? []).map(
      ({ device, replicas }) => [`all on ${device}`, `in turn with ${replicas.join(', ')}`] as const,
    ),
    ...(plan.sizes ? sizedPlanFacts(plan.sizes) : []),
    ['recomputations of the schedule', counted(plan.recomputations)],
  ];
}

/** When values leave and come back, in the plan for one size and in those for others. */
const transfers = ({ offloads = [], sizes }: Plan): Facts => [
  ...[...offloads]
    .sort((a, b) => naturalOrder(a.value, b.value))
    .map((offload): Fact => [offload.value, momentsText(offload)]),
  ...(sizes ? sizedOffloads(sizes) : []).map(([of, offload]): Fact => [
    `${offload.value} (${of})`,
    momentsText(offload),
  ]),
];

const momentsText = ({ goneBefore, fetchBefore }: PlannedOffload): string =>
  [
    goneBefore === undefined ? 'leaves after its last use' : `gone before ${goneBefore}`,
    fetchBefore.length > 0 ? `fetched before ${fetchBefore.join(', ')}` : 'fetched just before its use',
  ].join(', ');

const memory = (what: string, bytes: number): Fact => [what, formatMemory(bytes), bytes];

const counted = (list: readonly unknown[] | undefined): string | undefined => list && String(list.length);

function deviceText({ id, name, count = 1, memoryBytes }: PlanDevice): string {
  return `${id} ${count > 1 ? `${count} × ` : ''}${name} ${formatMemory(memoryBytes)}`;
}

/** `to host memory over PCIe 4.0 x16, 24 GB/s` */
function offloadText({ to, link, memoryBytes }: OffloadTarget): string {
  return [
    `to ${to === 'host' ? 'host memory' : 'storage'}${link ? ` over ${linkText(link)}` : ''}`,
    ...(memoryBytes === undefined ? [] : [`at most ${formatMemory(memoryBytes)}`]),
  ].join(', ');
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return value.length > 0 ? value.join(', ') : 'none';
  return String(value);
}
