import { formatDuration, formatLeastOverhead, formatMemory, formatOverhead } from '../base/format';
import { findLink } from '../devices/linkCatalogue';
import { storageCatalogue } from '../devices/storageCatalogue';
import type { OffloadLink, OffloadTarget } from './offloadTarget';
import type { Decision, Plan, PlanDevice } from './plan';
import { sizedPlanFacts, sizeSettings } from './sizePlanFacts';

/** One thing in which two plans differ, in words; a side is absent where that plan has nothing of it. */
export interface PlanDifference {
  readonly about: 'model' | 'setting' | 'prediction' | 'layer';
  /** A field of the plan, or the name of a layer. */
  readonly what: string;
  readonly before?: string;
  readonly after?: string;
}

/**
 * What differs between two plans: what they are for, what a person set, what they predict, what they decide for each
 * layer. Empty where they say the same. Pure; in the order of the plan file, layers by name.
 */
export function planDifferences(before: Plan, after: Plan): PlanDifference[] {
  return [
    ...rows('model', modelFacts(before), modelFacts(after)),
    ...rows('setting', settings(before), settings(after)),
    ...rows('prediction', predictions(before), predictions(after)),
    ...rows('layer', decisions(before), decisions(after)),
  ];
}

/** Lines of plain text, under a heading for each kind of difference. */
export function differenceLines(differences: readonly PlanDifference[]): string[] {
  if (differences.length === 0) return ['The plans say the same.'];
  return headings.flatMap(([about, heading]) => {
    const lines = differences.filter((difference) => difference.about === about).map(line);
    return lines.length > 0 ? [`${heading}:`, ...lines.map((text) => `  ${text}`)] : [];
  });
}

const headings: readonly (readonly [PlanDifference['about'], string])[] = [
  ['model', 'Model'],
  ['setting', 'Settings'],
  ['prediction', 'Predicted'],
  ['layer', 'Layers'],
];

function line({ what, before, after }: PlanDifference): string {
  if (before === undefined) return `${what}: ${after} (new)`;
  if (after === undefined) return `${what}: ${before} (gone)`;
  return `${what}: ${before} → ${after}`;
}

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
    ['links', plan.links && valueText(plan.links)],
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
  return [
    memory('peak', prediction.peakBytes),
    ['peak at', prediction.peakNode],
    [
      'step',
      `${formatDuration(prediction.stepTimeMs)} (${formatOverhead(prediction.overheadPercent)})`,
      prediction.stepTimeMs,
    ],
    ['proven least', formatLeastOverhead(prediction.lowerBoundPercent), prediction.lowerBoundPercent],
    ...Object.entries(prediction.perDevicePeakBytes).map(([device, bytes]) =>
      memory(`peak of ${device}`, bytes),
    ),
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
      .sort(byTarget)
      .map((decision) => [decision.target, decisionText(decision)] as const),
    ...(plan.replicas ?? []).map(
      ({ device, replicas }) => [`all on ${device}`, `in turn with ${replicas.join(', ')}`] as const,
    ),
    ...(plan.sizes ? sizedPlanFacts(plan.sizes) : []),
    ['recomputations of the schedule', counted(plan.recomputations)],
    ...(plan.offloads ?? []).map(
      ({ value, goneBefore, fetchBefore }) =>
        [
          `${value}, offloaded`,
          [
            goneBefore === undefined ? 'leaves after its last use' : `gone before ${goneBefore}`,
            fetchBefore.length > 0
              ? `fetched before ${fetchBefore.join(', ')}`
              : 'fetched just before its use',
          ].join(', '),
        ] as const,
    ),
  ];
}

const memory = (what: string, bytes: number): Fact => [what, formatMemory(bytes), bytes];

const byTarget = (a: Decision, b: Decision): number =>
  a.target < b.target ? -1 : a.target > b.target ? 1 : 0;

const counted = (list: readonly unknown[] | undefined): string | undefined => list && String(list.length);

const decisionText = ({ choice, device, pinned }: Decision): string =>
  [choice, device && `on ${device}`, pinned ? '(by hand)' : undefined].filter(Boolean).join(' ');

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

/** What a catalogue does not know is told whole. */
function linkText({ name, outGBPerS, inGBPerS, latencyMs, shared, joulesPerGB }: OffloadLink): string {
  const title = findLink(name)?.title ?? storageCatalogue.find((storage) => storage.name === name)?.title;
  const own = [
    `${latencyMs} ms latency`,
    ...(shared ? ['one way at a time'] : []),
    ...(joulesPerGB === undefined ? [] : [`${joulesPerGB} J/GB`]),
  ];
  return [
    title ?? 'a link of its own',
    outGBPerS === inGBPerS ? `${outGBPerS} GB/s` : `${outGBPerS} GB/s out, ${inGBPerS} GB/s back`,
    ...(title === undefined ? own : []),
  ].join(', ');
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return value.length > 0 ? value.join(', ') : 'none';
  return JSON.stringify(value);
}
