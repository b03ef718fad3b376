import { HeadroomError } from '../../../base/errors';
import { pipelinePeriodMs, type Pipeline } from '../../../simulator/pipeline/pipeline';
import { simulatePipeline, type PipelineRun } from '../../../simulator/pipeline/simulatePipeline';
import { Op, type Directives, type Schedule } from '../../../simulator/schedule';
import type { Simulation } from '../../../simulator/simulate';
import { Phase, ValueKind, type StepGraph } from '../../../step/stepGraph';
import { leadersOf } from '../../../plan/leaders';
import type { PlacementProblem } from '../problem';
import { precedenceOf } from './linearOrders';
import { pipelineOf, stagesOf } from './pipelineOf';
import type { ReplicatedStage } from './replicateStages';

/** Beyond this many pairs of a pass and a hand-on a placement is in too many pieces to be run as a pipeline. */
const mostWork = 2e7;

/** What it takes to run a step as a pipeline. */
export interface PipelineRequest {
  readonly step: StepGraph;
  /** The step as it is built: its times are those of all micro-batches. */
  readonly problem: PlacementProblem;
  readonly microBatches: number;
  /** See `Directives`. */
  readonly replicas?: Directives['replicas'];
}

/** A placed step as a pipeline: stages with micro-batches, run in the order of 1F1B. */
export interface StepPipeline {
  /** Its groups are single forward nodes with their backward pass: what the groups of the stages are. */
  readonly problem: PlacementProblem;
  readonly stages: readonly ReplicatedStage[];
  readonly pipeline: Pipeline;
  readonly run: PipelineRun;
  /** Of the busiest device or channel, for each micro-batch. */
  readonly periodMs: number;
  /** By device: the peak of one micro-batch. */
  readonly onePeakBytes: readonly number[];
  /**
   * By device: the most a micro-batch that computes there has beyond what the stages it is in count as kept, and what the
   * stages occupy all the time.
   */
  readonly passBytes: readonly number[];
  /** By device: that and what the others in flight keep meanwhile. */
  readonly peakBytes: readonly number[];
}

/**
 * Runs a placed step as a pipeline. `devices`: of each node; `schedule` and `simulation`: of one micro-batch under the
 * plan, whose recomputations and copies are what decides how much a micro-batch keeps. undefined where the layers have
 * no order in which stages hand on (a device change in both directions), or form too many stages.
 */
export function stepPipeline(
  request: PipelineRequest,
  devices: Uint8Array,
  schedule: Schedule,
  simulation: Simulation,
): StepPipeline | undefined {
  const { step } = request;
  const problem = byForwardNode(step, request.problem);
  const placement = Uint8Array.from(problem.groupBytes, (_, group) => {
    return devices[problem.groups.items[problem.groups.offsets[group]]];
  });
  // The backward pass of a view runs with its module's last operator, out of order within it: it does not count.
  const found = ordered(() => stagesOf(problem, placement, precedenceOf(problem, true)));
  if (!found) return undefined;
  const stages = found.map(({ groups, devices: [device] }) => ({
    groups,
    devices: [device, ...(request.replicas?.[device] ?? [])],
  }));
  const kept = keptByGroup(step, problem, devices, schedule);
  const ran = runStages({ ...request, problem }, stages, kept, repeatsOf(step, schedule));
  if (!ran) return undefined;
  const { pipeline, run } = ran;
  const onePeakBytes = withReplicas(simulation.perDevicePeakBytes, request.replicas);
  const peakBytes = onePeakBytes.map((bytes, device) => {
    const own = pipeline.stages.filter((stage) => stage.devices.includes(device));
    const resident = own.reduce((sum, stage) => sum + stage.residentBytes, 0);
    const ofOne = own.reduce((sum, stage) => sum + stage.keptBytes, 0);
    return bytes + Math.max(0, run.devicePeakBytes[device] - resident - ofOne);
  });
  const passBytes = withReplicas(
    passPeaks(request, problem, pipeline, stages, schedule, simulation),
    request.replicas,
  );
  return { problem, stages, ...ran, onePeakBytes, passBytes, peakBytes };
}

/** By device: replicas have what the device has that they run the layers of. */
export function withReplicas(values: ArrayLike<number>, replicas: Directives['replicas'] = []): number[] {
  const all = Array.from(values);
  replicas.forEach((others, device) => others.forEach((replica) => (all[replica] = values[device])));
  return all;
}

/** `StepPipeline.passBytes` of the first device of each stage. */
function passPeaks(
  { step }: PipelineRequest,
  { groupOf }: PlacementProblem,
  pipeline: Pipeline,
  stages: readonly ReplicatedStage[],
  schedule: Schedule,
  { liveBytes }: Simulation,
): Float64Array {
  const stageOf = new Int32Array(groupOf.reduce((most, group) => Math.max(most, group + 1), 0));
  stages.forEach(({ groups }, stage) => groups.forEach((group) => (stageOf[group] = stage)));
  /** By stage: the schedule's entries from its first to its last computation, the optimizer's not counted. */
  const first = new Int32Array(stages.length).fill(-1);
  const last = new Int32Array(stages.length).fill(-1);
  const computations: number[] = [];
  for (let entry = 0; entry < schedule.length; entry++) {
    const node = schedule.subject[entry];
    if (schedule.op[entry] !== Op.compute) continue;
    computations.push(entry);
    if (step.nodePhase[node] === Phase.optimizer) continue;
    const stage = stageOf[groupOf[node]];
    if (first[stage] < 0) first[stage] = entry;
    last[stage] = entry;
  }
  const most = new Float64Array(step.devices.length).fill(-Infinity);
  for (const entry of computations) {
    const device = schedule.to[entry];
    let countedBytes = 0;
    pipeline.stages.forEach(({ devices, residentBytes, keptBytes }, stage) => {
      if (devices[0] !== device) return;
      countedBytes += residentBytes + (first[stage] <= entry && entry <= last[stage] ? keptBytes : 0);
    });
    most[device] = Math.max(most[device], liveBytes[entry] - countedBytes);
  }
  return most;
}

/** Runs given stages; `keptBytes`: by group, `repeats`: by node. undefined as for `stepPipeline`. */
function runStages(
  { step, problem, microBatches }: PipelineRequest,
  stages: readonly ReplicatedStage[],
  keptBytes: Float64Array,
  repeats: Int32Array,
): Pick<StepPipeline, 'pipeline' | 'run' | 'periodMs'> | undefined {
  const runsOnce = step.nodePhase.map((phase) => Number(phase === Phase.optimizer));
  const gradientBytes = gradientsByGroup(step, problem);
  const options = { microBatches, order: '1f1b', keptBytes, gradientBytes, runsOnce, repeats } as const;
  const pipeline = ordered(() => pipelineOf(ofOneMicroBatch(problem, step, microBatches), stages, options));
  if (!pipeline || stages.length * microBatches * (1 + pipeline.handOns.length) > mostWork) return undefined;
  const run = ordered(() => simulatePipeline(pipeline));
  return run && { pipeline, run, periodMs: pipelinePeriodMs(pipeline) };
}

/** By node: how often it runs again. */
function repeatsOf({ nodeCount }: StepGraph, { length, op, subject }: Schedule): Int32Array {
  const runs = new Int32Array(nodeCount);
  for (let entry = 0; entry < length; entry++) if (op[entry] === Op.compute) runs[subject[entry]]++;
  return runs.map((count) => Math.max(0, count - 1));
}

/** The problem with the times of one micro-batch; the optimizer runs once for all. */
export function ofOneMicroBatch(
  problem: PlacementProblem,
  { nodePhase }: StepGraph,
  microBatches: number,
): PlacementProblem {
  const { transfers, durationMs, taskCount } = problem;
  if (microBatches === 1) return problem;
  return {
    ...problem,
    durationMs: durationMs.map((ms, i) =>
      nodePhase[i % taskCount] === Phase.optimizer ? ms : ms / microBatches,
    ),
    transfers:
      transfers.kind === 'links'
        ? {
            ...transfers,
            latencyMs: transfers.latencyMs.map((ms) => ms / microBatches),
            msPerByte: transfers.msPerByte.map((ms) => ms / microBatches),
          }
        : transfers,
  };
}

/** By group: gradients of parameters that its backward pass makes. */
export function gradientsByGroup(step: StepGraph, { groupOf, groupBytes }: PlacementProblem): Float64Array {
  const bytes = new Float64Array(groupBytes.length);
  const isCounted = new Uint8Array(step.valueCount);
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.backward) continue;
    for (const { offsets, items } of [step.outputs, step.updates]) {
      for (let i = offsets[node]; i < offsets[node + 1]; i++) {
        const value = items[i];
        if (step.valueKind[value] !== ValueKind.parameterGradient || isCounted[value]) continue;
        isCounted[value] = 1;
        bytes[groupOf[node]] += step.valueBytes[value];
      }
    }
  }
  return bytes;
}

/**
 * The problem with a group for each forward node and its backward pass. Groups that share parameters (tied embeddings) come
 * first and last in a pipeline: as one they would have no place in it. Once placed, they need not be one.
 */
function byForwardNode(step: StepGraph, problem: PlacementProblem): PlacementProblem {
  const leaders = leadersOf(step);
  /** By group of the problem: the node that stands for what follows no forward node (its optimizer). */
  const standIn = new Int32Array(problem.groupBytes.length).fill(-1);
  for (let node = 0; node < step.nodeCount; node++)
    if (leaders[node] === node && standIn[problem.groupOf[node]] < 0) standIn[problem.groupOf[node]] = node;
  const indexOf = new Int32Array(step.nodeCount).fill(-1);
  let count = 0;
  const groupOf = Int32Array.from(leaders, (leader, node) => {
    const standing = standIn[problem.groupOf[node]];
    const first = leader >= 0 ? leader : standing >= 0 ? standing : node;
    return indexOf[first] >= 0 ? indexOf[first] : (indexOf[first] = count++);
  });
  const groupBytes = new Float64Array(count);
  problem.groupBytes.forEach((bytes, group) => {
    const node = problem.groups.items[problem.groups.offsets[group]];
    groupBytes[groupOf[standIn[group] >= 0 ? standIn[group] : node]] += bytes;
  });
  const offsets = new Int32Array(count + 1);
  for (const group of groupOf) offsets[group + 1]++;
  for (let group = 0; group < count; group++) offsets[group + 1] += offsets[group];
  const fill = offsets.slice();
  const items = new Int32Array(groupOf.length);
  groupOf.forEach((group, node) => (items[fill[group]++] = node));
  const pinnedDevice = new Int32Array(count).fill(-1);
  return { ...problem, groupOf, groups: { offsets, items }, groupBytes, pinnedDevice };
}

/**
 * By group: what is in memory for it when the backward pass of a micro-batch begins. Copies count for the group that reads
 * them.
 */
function keptByGroup(
  step: StepGraph,
  { groupOf, groupBytes }: PlacementProblem,
  devices: Uint8Array,
  schedule: Schedule,
): Float64Array {
  const { outputs, inputs, nodePhase, valueBytes, residentAtStart } = step;
  const deviceCount = step.devices.length;
  /** By value and device: the group it is there for, -1 for none. */
  const heldFor = new Int32Array(step.valueCount * deviceCount).fill(-1);
  const readerOn = new Int32Array(step.valueCount * deviceCount).fill(-1);
  for (let node = 0; node < step.nodeCount; node++) {
    for (let i = inputs.offsets[node]; i < inputs.offsets[node + 1]; i++) {
      const pair = inputs.items[i] * deviceCount + devices[node];
      if (readerOn[pair] < 0) readerOn[pair] = groupOf[node];
    }
  }
  for (let entry = 0; entry < schedule.length; entry++) {
    const subject = schedule.subject[entry];
    const to = schedule.to[entry];
    if (schedule.op[entry] === Op.free) heldFor[subject * deviceCount + schedule.from[entry]] = -1;
    else if (schedule.op[entry] === Op.copy) {
      if (to >= 0) heldFor[subject * deviceCount + to] = readerOn[subject * deviceCount + to];
    } else {
      if (nodePhase[subject] >= Phase.backward) break;
      for (let i = outputs.offsets[subject]; i < outputs.offsets[subject + 1]; i++)
        heldFor[outputs.items[i] * deviceCount + to] = groupOf[subject];
    }
  }
  const kept = new Float64Array(groupBytes.length);
  heldFor.forEach((group, pair) => {
    const value = Math.floor(pair / deviceCount);
    if (group >= 0 && !residentAtStart[value]) kept[group] += valueBytes[value];
  });
  return kept;
}

/** undefined where there is no order, or no way between stages. */
function ordered<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (thrown) {
    if (thrown instanceof HeadroomError && thrown.code === 'bad-usage') return undefined;
    throw thrown;
  }
}
