import { HeadroomError } from '../../../base/errors';
import type {
  HandOn,
  Pipeline,
  PipelineLinks,
  PipelineOrder,
  PipelineStage,
} from '../../../simulator/pipeline/pipeline';
import type { Placement, PlacementProblem } from '../problem';
import { precedenceOf, type Precedence } from './linearOrders';
import type { ReplicatedStage } from './replicateStages';

export interface PipelineOptions {
  readonly microBatches: number;
  readonly order: PipelineOrder;
  /** By group: what a micro-batch keeps from its forward to its backward pass; nothing when absent. */
  readonly keptBytes?: Float64Array;
  /** By group: gradients that replicas sum up in the end. */
  readonly gradientBytes?: Float64Array;
  /** By task: 1 for what runs once after all micro-batches (the optimizer). */
  readonly runsOnce?: Uint8Array;
  /** By task: how often a micro-batch runs it once more, on its way back; never when absent. */
  readonly repeats?: ArrayLike<number>;
}

/**
 * The stages a placement means: groups in an order in which results are handed on, cut where the device changes. A device has
 * several stages where the placement is not contiguous.
 */
export function stagesOf(
  problem: PlacementProblem,
  placement: Placement,
  { before, after }: Precedence = precedenceOf(problem),
): ReplicatedStage[] {
  const missing = before.map((list) => list.length);
  const ready = missing.flatMap((count, group) => (count === 0 ? [group] : []));
  const stages: { groups: number[]; devices: number[] }[] = [];
  let placed = 0;
  while (ready.length > 0) {
    const device = stages.at(-1)?.devices[0];
    // As long as possible on one device.
    const same = ready.findIndex((group) => placement[group] === device);
    const [group] = ready.splice(Math.max(0, same), 1);
    if (same < 0) stages.push({ groups: [], devices: [placement[group]] });
    stages.at(-1)!.groups.push(group);
    placed++;
    for (const next of after[group]) if (--missing[next] === 0) ready.push(next);
  }
  if (placed < missing.length) {
    const stuck = missing.findIndex((count) => count > 0);
    throw noOrder(problem, problem.groups.items[problem.groups.offsets[stuck]]);
  }
  return stages;
}

/**
 * Stages with micro-batches as the simulator runs them. Over links, what stages hand on takes channels; through the host it
 * takes the devices' own time. A result that several stages of a device read is sent once, to the first. Throws
 * 'bad-usage' for listed transfers, and where a result would have to go against the order of the stages.
 */
export function pipelineOf(
  problem: PlacementProblem,
  stages: readonly ReplicatedStage[],
  options: PipelineOptions,
): Pipeline {
  const { transfers, groupOf, groupBytes, durationMs, taskCount, isBackward, groups } = problem;
  const { keptBytes, gradientBytes, runsOnce, repeats, microBatches, order } = options;
  if (transfers.kind === 'listed')
    throw new HeadroomError('bad-usage', 'A pipeline needs transfers that overlap computations.');
  const stageOf = new Int32Array(groupBytes.length);
  stages.forEach(({ groups: own }, stage) => own.forEach((group) => (stageOf[group] = stage)));
  const links = linksOf(problem);
  const sum = (values: Float64Array | undefined, own: readonly number[]): number =>
    values ? own.reduce((total, group) => total + values[group], 0) : 0;
  const drafts = stages.map(({ groups: own, devices }, index) => {
    const tasks = own.flatMap((group) => [
      ...groups.items.subarray(groups.offsets[group], groups.offsets[group + 1]),
    ]);
    const timeOf = (device: number, isMeant: (task: number) => boolean): number =>
      tasks.reduce((ms, task) => (isMeant(task) ? ms + durationMs[device * taskCount + task] : ms), 0);
    const againMs = (device: number): number =>
      tasks.reduce((ms, task) => {
        const count = repeats?.[task] ?? 0;
        return count > 0 ? ms + count * durationMs[device * taskCount + task] : ms;
      }, 0);
    const once = (task: number): boolean => runsOnce?.[task] === 1;
    const ringMs = allReduceMs(links, devices, sum(gradientBytes, own));
    return {
      name: `stage ${index + 1}`,
      devices,
      forwardMs: devices.map((device) => timeOf(device, (task) => !once(task) && !isBackward[task])),
      backwardMs: devices.map(
        (device) => timeOf(device, (task) => !once(task) && !!isBackward[task]) + againMs(device),
      ),
      keptBytes: sum(keptBytes, own),
      residentBytes: sum(groupBytes, own),
      finishMs: ringMs + Math.max(...devices.map((device) => timeOf(device, once))),
    };
  });
  const handOns = handOnsOf(problem, stages, (task) => stageOf[groupOf[task]], runsOnce, drafts);
  return { stages: drafts, handOns, links, microBatches, order };
}

type DraftStage = { -readonly [K in keyof PipelineStage]: PipelineStage[K] } & {
  forwardMs: number[];
  backwardMs: number[];
};

function handOnsOf(
  problem: PlacementProblem,
  stages: readonly ReplicatedStage[],
  stageOf: (task: number) => number,
  runsOnce: Uint8Array | undefined,
  drafts: readonly DraftStage[],
): HandOn[] {
  const { resultProducer, resultReaders, resultBytes, isBackward, transfers } = problem;
  const handOns = new Map<string, { -readonly [K in keyof HandOn]: HandOn[K] }>();
  resultProducer.forEach((producer, result) => {
    const home = stageOf(producer);
    const reached = new Set<number>();
    const readers = [
      ...resultReaders.items.subarray(resultReaders.offsets[result], resultReaders.offsets[result + 1]),
    ];
    const targets = readers
      .filter((task) => stageOf(task) !== home && runsOnce?.[task] !== 1)
      .sort((a, b) => Math.abs(stageOf(a) - home) - Math.abs(stageOf(b) - home));
    for (const task of targets) {
      const target = stageOf(task);
      const goesBack = target < home;
      // Forward results reach later stages, or the backward pass of earlier ones; gradients earlier stages.
      if (goesBack ? !isBackward[task] : isBackward[producer]) throw noOrder(problem, producer);
      const [from, to] = goesBack ? [target, home] : [home, target];
      const key = `${from} ${to}`;
      const none = { from, to, results: 0, bytes: 0, gradients: 0, gradientBytes: 0 };
      const handOn = handOns.get(key) ?? none;
      handOns.set(key, handOn);
      const [device] = stages[target].devices;
      if (reached.has(device) || device === stages[home].devices[0]) continue;
      if (transfers.kind === 'through-host') {
        const ms = (stage: number): number =>
          transfers.isAccelerator[stages[stage].devices[0]] ? transfers.resultMs[result] : 0;
        if (reached.size === 0) spend(drafts[home], goesBack, ms(home));
        spend(drafts[target], goesBack, ms(target));
      } else if (goesBack) {
        handOn.gradients++;
        handOn.gradientBytes += resultBytes[result];
      } else {
        handOn.results++;
        handOn.bytes += resultBytes[result];
      }
      reached.add(device);
    }
  });
  return [...handOns.values()].sort((a, b) => a.from - b.from || a.to - b.to);
}

function spend({ forwardMs, backwardMs }: DraftStage, isBackward: boolean, ms: number): void {
  const times = isBackward ? backwardMs : forwardMs;
  times.forEach((_, replica) => (times[replica] += ms));
}

/** Links of the machine; through the host none that take time. */
function linksOf({ transfers, deviceCount }: PlacementProblem): PipelineLinks {
  if (transfers.kind === 'links') return { deviceCount, ...transfers };
  const size = deviceCount * deviceCount;
  return {
    deviceCount,
    latencyMs: new Float64Array(size),
    msPerByte: new Float64Array(size),
    channel: new Int32Array(size),
    channelCount: 1,
  };
}

/** A ring over the devices of a stage at its slowest link (Patarasuk and Yuan, JPDC 2009). */
function allReduceMs(
  { deviceCount, latencyMs, msPerByte }: PipelineLinks,
  devices: readonly number[],
  bytes: number,
): number {
  if (devices.length < 2 || bytes === 0) return 0;
  const roundMs = devices.map((device, i) => {
    const pair = device * deviceCount + devices[(i + 1) % devices.length];
    return latencyMs[pair] + (bytes / devices.length) * msPerByte[pair];
  });
  return 2 * (devices.length - 1) * Math.max(...roundMs);
}

function noOrder({ taskName }: PlacementProblem, task: number): HeadroomError {
  return new HeadroomError(
    'bad-usage',
    `The stages have no order: ${taskName[task]} would have to run before and after another of them.`,
    undefined,
    { node: taskName[task] },
  );
}
