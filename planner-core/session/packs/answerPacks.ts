import { HeadroomError } from '../../base/errors';
import type { Job } from '../../base/job';
import { spread } from '../../base/spread';
import type { OffloadLink } from '../../devices/offloadLink';
import type { PlanInputs } from '../../plan/planInputs';
import { chunkSizes, packInOrder } from '../../planners/chunks/packing';
import { layersOfNodes } from '../../planners/cluster/layersOfNodes';
import { packPlans, type PackPlan } from '../../planners/packs/packPlans';
import { Phase, ValueKind, type StepGraph } from '../../step/stepGraph';
import { overheadPercent } from '../makePlan';
import { offloadLinkOf } from '../offload/offloadLinkOf';
import type { StepState } from '../stepState';
import type { PlanView } from '../types';

/** How to run the micro-batches of a step in packs of layers that come to the device one after the other. */
export interface PackQuestion {
  /** One device; `offload` says where values may go; the workload says how many micro-batches there are. */
  readonly inputs: PlanInputs;
  readonly budgetBytes: number;
  /** Absent: as many as make the step fastest. */
  readonly packCount?: number;
}

/** A way to run the step, as the simulator has it. */
export interface PackWay {
  /** First and last layer of each pack, by name. */
  readonly packs: readonly (readonly [first: string, last: string])[];
  /** Micro-batches that a pack computes before the next one does. */
  readonly groupSize: number;
  readonly groups: number;
  readonly recomputes: boolean;
  readonly planner: string;
  readonly peakBytes: number;
  readonly hostPeakBytes: number;
  /** Of all micro-batches and the update. */
  readonly stepTimeMs: number;
  /** Against keeping everything, one micro-batch after the other. */
  readonly overheadPercent: number;
  /** Both directions, all groups; what the update moves is counted in every group, which is on the safe side. */
  readonly movedBytes: number;
  /** Parameters and optimizer state that live on the host between uses. */
  readonly stateBytes: number;
  /** Time in which the device does not compute. */
  readonly waitMs: number;
}

export interface PackAnswer {
  readonly budgetBytes: number;
  readonly microBatches: number;
  readonly link: OffloadLink;
  readonly keepAllPeakBytes: number;
  readonly keepAllStepTimeMs: number;
  /** The fastest; absent where nothing fits. */
  readonly best?: PackWay;
  /** What fits, by time: each needs less memory than all that are faster. */
  readonly ways: readonly PackWay[];
  /** The plan under the same budget that recomputes and offloads value by value; absent where none fits. */
  readonly withoutPacks?: Pick<PackWay, 'planner' | 'peakBytes' | 'stepTimeMs' | 'overheadPercent'>;
  readonly assumptions: readonly string[];
}

/** Numbers of packs, and sizes of groups, that are simulated, unless one is asked for. */
const cutsAtOnce = 6;
const groupsAtOnce = 4;

const assumptions = [
  'A pack computes the micro-batches of a group one after the other, forward, and later back; the last pack takes each there and back at once.',
  'Gradients are there from the start of a group, as with accumulation.',
  'A step ends with its last transfer; groups follow each other, and nothing overlaps from one to the next.',
];

/**
 * The fastest packs of layers and groups of micro-batches under the budget. `build` makes the step of inputs, `planOf`
 * the plan without packs. Throws
 * 'bad-usage' for inference, several devices, pins, nowhere to offload to, a model without layers that follow each other,
 * and more packs than layers; 'cancelled' when the job is.
 */
export async function answerPacks(
  question: PackQuestion,
  build: (inputs: PlanInputs) => StepState,
  planOf: (inputs: PlanInputs) => Promise<PlanView>,
  job: Job,
): Promise<PackAnswer> {
  const { inputs, budgetBytes, packCount } = question;
  requirePackable(inputs);
  const { built, layers, view } = build(inputs);
  const { step } = built;
  const { names, layerOfNode } = layersOfNodes(step, layers);
  if (names.length < 4) throw bad('The model has no layers that follow each other.', 'Leave --packs out.');
  const cuts = cutsOf(weightsOf(step, layerOfNode, names.length), packCount);
  const { microBatches } = inputs.workload;
  const choices = {
    ...{ step, layerOfNode, layerCount: names.length, microBatches, cuts },
    groupSizes: spread(divisorsOf(microBatches), groupsAtOnce),
    hostBytes: inputs.offload?.memoryBytes ?? Infinity,
  };
  const plans = await packPlans(choices, budgetBytes, job);
  const ways = plans.map((plan) => packWay(plan, names, view.keepAllStepTimeMs));
  const undominated = leastTimes(ways);
  const { infeasible, plan } = await planOf({ ...inputs, budgetBytes });
  const { peakBytes, stepTimeMs, overheadPercent: percent } = plan.prediction;
  const withoutPacks = { planner: plan.planner, peakBytes, stepTimeMs, overheadPercent: percent };
  return {
    ...{ budgetBytes, microBatches, best: undominated.at(0), ways: undominated, assumptions },
    ...(infeasible ? {} : { withoutPacks }),
    link: offloadLinkOf(step, inputs.offload, microBatches),
    keepAllPeakBytes: view.keepAllPeakBytes,
    keepAllStepTimeMs: view.keepAllStepTimeMs,
  };
}

/** By time, those that need less memory than all that are faster. */
function leastTimes(ways: readonly PackWay[]): PackWay[] {
  let leastBytes = Infinity;
  return ways
    .toSorted((a, b) => a.stepTimeMs - b.stepTimeMs || a.peakBytes - b.peakBytes)
    .filter(({ peakBytes }) => {
      const isLess = peakBytes < leastBytes;
      leastBytes = Math.min(leastBytes, peakBytes);
      return isLess;
    });
}

function requirePackable({ workload, devices, pins, offload }: PlanInputs): void {
  if (workload.mode !== 'training') throw bad('Packs are for training.', 'Choose the mode training.');
  if (devices.length > 1 || (devices[0].count ?? 1) > 1)
    throw bad('Packs are planned for one device.', 'Give one device.');
  if (pins.length > 0)
    throw bad('Packs decide for whole layers: pins have no place in them.', 'Remove the pins.');
  if (!offload) throw bad('Packs come from somewhere.', 'Say where values may go, e.g. to the host.');
}

/** By layer: parameters, and what its forward pass makes for one micro-batch: what is there while it runs back. */
function weightsOf(step: StepGraph, layerOfNode: Int32Array, layerCount: number): number[] {
  const bytes = new Array<number>(layerCount).fill(0);
  const counted = new Uint8Array(step.valueCount);
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.forward) continue;
    for (const rows of [step.inputs, step.outputs])
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) {
        const value = rows.items[i];
        const isOwn = rows === step.outputs || step.valueKind[value] === ValueKind.parameter;
        if (!isOwn || counted[value]) continue;
        counted[value] = 1;
        bytes[layerOfNode[node]] += step.valueBytes[value];
      }
  }
  return bytes;
}

/** For numbers of packs, the cut whose heaviest pack is lightest: the first layer of each pack. */
function cutsOf(weights: readonly number[], packCount: number | undefined): number[][] {
  const layers = weights.map((bytes) => Math.max(1, bytes));
  const firsts = chunkSizes(layers).map(({ chunkBytes }) => {
    const { chunkOf, chunkCount } = packInOrder(layers, chunkBytes);
    return Array.from({ length: chunkCount }, (_, pack) => chunkOf.indexOf(pack));
  });
  if (packCount === undefined) return spread(firsts, cutsAtOnce);
  const wanted = firsts.find(({ length }) => length === packCount);
  if (wanted) return [wanted];
  const counts = firsts.map(({ length }) => length).join(', ');
  throw bad(`The model cannot be cut into ${packCount} packs of even weight.`, `Possible: ${counts}.`);
}

const divisorsOf = (count: number): number[] =>
  Array.from({ length: count }, (_, i) => i + 1).filter((size) => count % size === 0);

function packWay(
  { grouped, recomputes, plan }: PackPlan,
  names: readonly string[],
  keepAllMs: number,
): PackWay {
  const { passes, packs, groupSize, step } = grouped;
  const { simulation, peakBytes, stepTimeMs, planner } = plan;
  const isState = (value: number): boolean => step.residentAtStart[value] === 1;
  const away = [...(plan.paging?.offloads ?? [])].filter(isState);
  return {
    packs: packs.map(({ from, to }) => [names[from], names[to - 1]] as const),
    ...{ groupSize, groups: passes, recomputes, planner, peakBytes, stepTimeMs },
    hostPeakBytes: simulation.hostPeakBytes,
    overheadPercent: overheadPercent(stepTimeMs, keepAllMs),
    movedBytes: simulation.transferBytes * passes,
    stateBytes: away.reduce((sum, value) => sum + step.valueBytes[value], 0),
    waitMs: stepTimeMs - simulation.computeMs,
  };
}

const bad = (message: string, hint: string): HeadroomError => new HeadroomError('bad-usage', message, hint);
