import { HeadroomError } from '../../../base/errors';
import type { Job } from '../../../base/job';
import type { MilpEngine } from '../../../solvers/engine';
import { LinearProgramBuilder } from '../../../solvers/linearProgram';
import { Phase, type Rows } from '../../../step/stepGraph';
import type { StepPlans } from './stepPlans';

/** The engine's tolerance, and seconds it may take. */
const tolerance = 1e-5;
const limitS = 10;

/**
 * Proven: no plan within the limits takes less time. The longest path with every node on its fastest device; with an
 * engine also the work, shared over the devices at will, under each device's memory.
 */
export async function leastStepTime(
  plans: StepPlans,
  engine: MilpEngine | undefined,
  job: Job,
): Promise<number> {
  await job.checkpoint();
  const path = longestPath(plans);
  if (!engine) return path;
  return Math.max(path, await memoryAwareLoad(plans, engine));
}

function fastest({ step }: StepPlans, node: number): number {
  let least = Infinity;
  for (let device = 0; device < step.devices.length; device++)
    least = Math.min(least, step.durationMs[device * step.nodeCount + node]);
  return least;
}

function longestPath(plans: StepPlans): number {
  const { step, groupOf } = plans;
  const { inputs, outputs, updates } = step;
  const readyMs = new Float64Array(step.valueCount);
  /** By value: 1 once something has read it, so that a copy may be elsewhere that an update does not change. */
  const isRead = new Uint8Array(step.valueCount);
  let longest = 0;
  for (let node = 0; node < step.nodeCount; node++) {
    let startMs = 0;
    for (let i = inputs.offsets[node]; i < inputs.offsets[node + 1]; i++) {
      startMs = Math.max(startMs, readyMs[inputs.items[i]]);
      isRead[inputs.items[i]] = 1;
    }
    // A sum of gradients is read once all have been added to it, one after the other, where it was made.
    const sums: number[] = [];
    for (let i = updates.offsets[node]; i < updates.offsets[node + 1]; i++) {
      const value = updates.items[i];
      const producer = step.producer[value];
      const isTied = producer >= 0 && groupOf[node] >= 0 && groupOf[producer] === groupOf[node];
      if (isTied && !isRead[value]) sums.push(value);
    }
    for (const value of sums) startMs = Math.max(startMs, readyMs[value]);
    const endMs = startMs + fastest(plans, node);
    longest = Math.max(longest, endMs);
    for (let i = outputs.offsets[node]; i < outputs.offsets[node + 1]; i++)
      if (step.producer[outputs.items[i]] === node) readyMs[outputs.items[i]] = endMs;
    for (const value of sums) readyMs[value] = endMs;
  }
  return longest;
}

/**
 * The relaxation: a share of each group on each device; at the moment the loss is known, a device holds no more than
 * fits of what backward will read on it; what it reads but does not hold has to run again, anywhere, or to come over one
 * of its links. No device and no channel is busy for longer than the step. Every plan is a point of it, for what backward
 * reads of the forward pass is made before that moment, and read after it, whatever runs at once.
 */
async function memoryAwareLoad(plans: StepPlans, engine: MilpEngine): Promise<number> {
  const { step, groupCount, limitBytes, pinnedDevice } = plans;
  const deviceCount = step.devices.length;
  const { nodeCount } = step;
  const unit = Math.max(...step.durationMs.filter((ms) => ms < Infinity)) || 1;
  const byteUnit = step.valueBytes.reduce((most, bytes) => Math.max(most, bytes), 1);
  const program = new LinearProgramBuilder();
  const stepTime = program.column(1, 0, Infinity);
  type Terms = [number, number][];
  const busy: Terms[] = step.devices.map((): Terms => [[stepTime, -1]]);
  const channels: Terms[] = step.channels.map((): Terms => [[stepTime, -1]]);
  const held: Terms[] = step.devices.map(() => []);

  const share: number[][] = [];
  for (let group = 0; group < groupCount; group++) {
    const pin = pinnedDevice[group];
    share.push(
      step.devices.map((_, device) =>
        program.column(0, pin === device ? 1 : 0, pin < 0 || pin === device ? 1 : 0),
      ),
    );
    program.row(
      share[group].map((column) => [column, 1]),
      1,
      1,
    );
  }
  const homes = homeGroups(plans);
  const workMs = new Float64Array(groupCount * deviceCount);
  const fixedMs = new Float64Array(deviceCount);
  for (let node = 0; node < nodeCount; node++) {
    const group = groupOfWork(plans, homes, node);
    for (let device = 0; device < deviceCount; device++) {
      const ms = step.durationMs[device * nodeCount + node];
      if (group >= 0) workMs[group * deviceCount + device] += ms;
      else if (device === 0 && step.nodePhase[node] === Phase.loss) fixedMs[0] += ms;
    }
  }
  for (let group = 0; group < groupCount; group++) {
    for (let device = 0; device < deviceCount; device++) {
      const ms = workMs[group * deviceCount + device];
      if (ms === Infinity) program.row([[share[group][device], 1]], 0, 0);
      else if (ms > 0) busy[device].push([share[group][device], ms / unit]);
    }
  }

  // Repeats of a forward node after that moment, on each device.
  const repeats = new Map<number, number[]>();
  const repeatsOf = (node: number): number[] => {
    const known = repeats.get(node);
    if (known) return known;
    const columns = step.devices.map((_, device) => {
      const ms = step.durationMs[device * nodeCount + node];
      const column = program.column(0, 0, ms < Infinity && step.recomputable[node] ? 1 : 0);
      if (ms > 0 && ms < Infinity) busy[device].push([column, ms / unit]);
      return column;
    });
    repeats.set(node, columns);
    return columns;
  };
  for (const { value, groups } of readOfForward(plans)) {
    const bytes = step.valueBytes[value];
    for (let device = 0; device < deviceCount; device++) {
      if (limitBytes[device] === Infinity) continue;
      const kept = program.column(0, 0, 1);
      held[device].push([kept, bytes / byteUnit]);
      const supply: Terms = [
        [kept, 1],
        ...repeatsOf(step.producer[value]).map((column): [number, number] => [column, 1]),
      ];
      for (let from = 0; from <= deviceCount; from++) {
        const link = from * (deviceCount + 1) + device;
        if (from === device) continue;
        const copied = program.column(0, 0, 1);
        supply.push([copied, 1]);
        // Where no link is given, transfers take no time.
        if (!(step.linkBytesPerMs[link] > 0)) continue;
        channels[step.linkChannel[link]].push([copied, bytes / step.linkBytesPerMs[link] / unit]);
      }
      for (const group of groups) program.row([...supply, [share[group][device], -1]], 0, Infinity);
    }
  }
  homes.forEach((group, value) => {
    if (group < 0) return;
    for (let device = 0; device < deviceCount; device++)
      if (limitBytes[device] < Infinity)
        held[device].push([share[group][device], step.valueBytes[value] / byteUnit]);
  });
  busy.forEach((terms, device) => program.row(terms, -Infinity, -fixedMs[device] / unit));
  for (const terms of channels) program.row(terms, -Infinity, 0);
  held.forEach((terms, device) => {
    if (terms.length > 0) program.row(summed(terms), -Infinity, limitBytes[device] / byteUnit);
  });
  const { status, bound } = await engine.solve(program.build(), { timeLimitS: limitS, isRelaxed: true });
  if (status === 'infeasible') return Infinity;
  if (Number.isNaN(bound))
    throw new HeadroomError('solver-failed', 'The bound of the placement is no number.');
  return Math.max(0, bound * unit * (1 - tolerance));
}

/** Terms with each column once. */
function summed(terms: readonly [number, number][]): [number, number][] {
  const sums = new Map<number, number>();
  for (const [column, amount] of terms) sums.set(column, (sums.get(column) ?? 0) + amount);
  return [...sums];
}

/** By value that is there from the start to the end: the group that reads it first, on whose device it is; -1: none. */
function homeGroups({ step, groupOf }: StepPlans): Int32Array {
  const homes = new Int32Array(step.valueCount).fill(-1);
  const seen = new Uint8Array(step.valueCount);
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] === Phase.optimizer) continue;
    for (const { offsets, items } of [step.inputs, step.updates]) {
      for (let i = offsets[node]; i < offsets[node + 1]; i++) {
        const value = items[i];
        if (seen[value] || !step.residentAtStart[value] || !step.residentAtEnd[value]) continue;
        seen[value] = 1;
        homes[value] = groupOf[node];
      }
    }
  }
  return homes;
}

/** The group whose device a node runs on: an update follows what it changes first. */
function groupOfWork({ step, groupOf }: StepPlans, homes: Int32Array, node: number): number {
  if (step.nodePhase[node] !== Phase.optimizer) return groupOf[node];
  const { offsets, items } = step.updates;
  return offsets[node] < offsets[node + 1] ? homes[items[offsets[node]]] : -1;
}

/**
 * Activations that are made before the loss is known and that backward reads on its way from it, each with the groups
 * that read it there.
 */
function readOfForward({ step, groupOf }: StepPlans): { value: number; groups: Set<number> }[] {
  const { inputs, outputs, nodeCount, nodePhase } = step;
  const loss = nodePhase.lastIndexOf(Phase.loss);
  if (loss < 0) return [];
  const follows = new Uint8Array(step.valueCount);
  const leads = new Uint8Array(step.valueCount);
  const mark = (flags: Uint8Array, { offsets, items }: Rows, node: number): void => {
    for (let i = offsets[node]; i < offsets[node + 1]; i++) flags[items[i]] = 1;
  };
  const isMarked = (flags: Uint8Array, { offsets, items }: Rows, node: number): boolean => {
    for (let i = offsets[node]; i < offsets[node + 1]; i++) if (flags[items[i]]) return true;
    return false;
  };
  mark(leads, inputs, loss);
  mark(leads, outputs, loss);
  for (let node = loss - 1; node >= 0; node--) {
    if (!isMarked(leads, outputs, node)) continue;
    mark(leads, inputs, node);
    mark(leads, outputs, node);
  }
  mark(follows, outputs, loss);
  const readers = new Map<number, Set<number>>();
  for (let node = loss + 1; node < nodeCount; node++) {
    if (!isMarked(follows, inputs, node)) continue;
    mark(follows, outputs, node);
    if (nodePhase[node] !== Phase.backward || groupOf[node] < 0) continue;
    for (let i = inputs.offsets[node]; i < inputs.offsets[node + 1]; i++) {
      const value = inputs.items[i];
      const producer = step.producer[value];
      if (producer < 0 || nodePhase[producer] !== Phase.forward || step.residentAtStart[value]) continue;
      if (leads[value]) readers.set(value, (readers.get(value) ?? new Set()).add(groupOf[node]));
    }
  }
  return [...readers].map(([value, groups]) => ({ value, groups }));
}
