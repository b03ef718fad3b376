import { HeadroomError } from '../../base/errors';
import { formatMemory } from '../../base/format';
import type { Job } from '../../base/job';
import { spread } from '../../base/spread';
import { deviceNamed } from '../../devices/catalogue';
import type { PlanInputs } from '../../plan/planInputs';
import {
  chunkPlans,
  fastestChunkPlan,
  leastChunkPlan,
  type ChunkBase,
  type ChunkPlan,
} from '../../planners/chunks/chunkPlans';
import { modelTensors } from '../../planners/chunks/chunkedStep';
import { chunkSizes, packInOrder, type Packing } from '../../planners/chunks/packing';
import { PlanPools } from '../../planners/planPools';
import type { OffloadLink } from '../../devices/offloadLink';
import type { StepGraph } from '../../step/stepGraph';
import { overheadPercent } from '../makePlan';
import { offloadLinkOf, passesOf } from '../offload/offloadLinkOf';
import type { StepState } from '../stepState';
import type { ChunkAnswer, ChunkQuestion, ChunkWay } from './chunkQuestion';

/** Sizes of chunks, and plans of recomputation, that are simulated, unless one size is asked for. */
const sizesAtOnce = 10;
const basesAtOnce = 8;

const assumptions = [
  'Chunks have their place on the host, whether they are on the device or not.',
  'Gradients are made beside their chunk and copied into it; the time of that copy is not counted.',
  'Gradients of a chunk are dropped when it has been updated.',
  'The host updates when backward has ended, while the device updates its own chunks.',
  'All chunks exist before the first step, so a first step is as every other.',
];

/**
 * The fastest way under the budget, and the one with the least memory. `build` makes the step of inputs. Throws
 * 'bad-usage' for inference, several devices, no optimizer, pins that are about places, and a chunk smaller than a
 * parameter; 'unknown-device'; 'cancelled' when the job is.
 */
export async function answerChunks(
  question: ChunkQuestion,
  build: (inputs: PlanInputs) => StepState,
  job: Job,
): Promise<ChunkAnswer> {
  const { budgetBytes, hostDevice, updates } = question;
  requireTraining(question.inputs);
  const spec = deviceNamed(hostDevice);
  const kept = build(question.inputs).view;
  const inputs = updatedOneByOne(question.inputs);
  const alone = build(inputs);
  const host = { id: 'host memory', name: spec.name, memoryBytes: spec.memoryBytes };
  const both = build({ ...inputs, devices: [...inputs.devices, host] }).built.step;
  const passes = passesOf(inputs.workload);
  const link = offloadLinkOf(alone.built.step, inputs.offload, passes);
  const step = withLink(both, link, passes);
  const tensors = modelTensors(step);
  if (tensors.length === 0) throw bad('The model has no parameters.', 'Chunks hold parameters.');
  const largest = tensors.reduce((most, tensor) => (tensor.bytes > most.bytes ? tensor : most));
  const named = { name: step.valueName[largest.parameter], bytes: largest.bytes };
  const packings = packingsOf(
    tensors.map(({ bytes }) => bytes),
    question.chunkBytes,
    named,
  );
  const bases = await basesOf(alone, inputs, job);
  const hostBytes = inputs.offload?.memoryBytes ?? Infinity;
  const choices = { step, tensors, packings, bases, updates, hostBytes };
  const plans = await chunkPlans(choices, budgetBytes, job);
  const wayOf = (plan: ChunkPlan | undefined): ChunkWay | undefined =>
    plan && chunkWay(plan, kept.keepAllStepTimeMs, passes);
  const sizes = packings.flatMap((packing) => {
    const own = plans.filter(({ chunked }) => chunked.packing === packing);
    return wayOf(fastestChunkPlan(own)) ?? [];
  });
  return {
    ...{ budgetBytes, hostDevice: spec.name, link, largest: named },
    keepAllPeakBytes: kept.keepAllPeakBytes,
    keepAllStepTimeMs: kept.keepAllStepTimeMs,
    best: wayOf(fastestChunkPlan(plans)),
    least: wayOf(await leastChunkPlan(choices, job)),
    sizes: sizes.sort((a, b) => a.chunkBytes - b.chunkBytes),
    assumptions,
  };
}

function requireTraining({ workload, devices, pins }: PlanInputs): void {
  if (workload.mode !== 'training') throw bad('Chunks are for training.', 'Choose the mode training.');
  if (workload.optimizer === 'none')
    throw bad('Chunks hold optimizer state too, and there is no optimizer.', 'Choose one, e.g. adamw.');
  if (devices.length > 1 || (devices[0].count ?? 1) > 1)
    throw bad('Chunks are planned for one device and its host.', 'Give one device.');
  const pin = pins.find(({ choice, device }) => choice === 'offload' || device !== undefined);
  if (pin)
    throw bad(`The pin of ${pin.target} says where it is: with chunks only model data leaves.`, 'Remove it.');
}

/** A list-wide update would need all chunks at once; in a first step chunks exist already. */
const updatedOneByOne = ({ workload, ...inputs }: PlanInputs): PlanInputs => ({
  ...inputs,
  workload: {
    ...workload,
    stepKind: 'steady',
    optimizerUpdate: workload.optimizerUpdate === 'fused' ? 'fused' : 'for-loop',
  },
});

/** The step of a device and its host with this link between the two. */
function withLink(
  step: StepGraph,
  { outGBPerS, inGBPerS, latencyMs, shared }: OffloadLink,
  passes: number,
): StepGraph {
  const places = step.devices.length + 1;
  const [out, back] = [1, places];
  const linkBytesPerMs = step.linkBytesPerMs.slice();
  const linkLatencyMs = step.linkLatencyMs.slice();
  const linkChannel = step.linkChannel.slice();
  linkBytesPerMs[out] = (outGBPerS * 1e6) / passes;
  linkBytesPerMs[back] = (inGBPerS * 1e6) / passes;
  for (const way of [out, back]) linkLatencyMs[way] = latencyMs * passes;
  linkChannel[out] = 0;
  linkChannel[back] = shared ? 0 : 1;
  return {
    ...{ ...step, linkBytesPerMs, linkLatencyMs, linkChannel },
    channels: shared ? ['link'] : ['to the host', 'to the device'],
  };
}

function packingsOf(
  tensorBytes: readonly number[],
  chunkBytes: number | undefined,
  largest: ChunkAnswer['largest'],
): Packing[] {
  if (chunkBytes === undefined) return spread(chunkSizes(tensorBytes), sizesAtOnce);
  if (chunkBytes < largest.bytes)
    throw bad(
      `A chunk of ${formatMemory(chunkBytes)} does not hold ${largest.name} of ${formatMemory(largest.bytes)}.`,
      `Give at least ${largest.bytes} bytes, or auto.`,
    );
  return [packInOrder(tensorBytes, chunkBytes)];
}

async function basesOf({ built, layers }: StepState, inputs: PlanInputs, job: Job): Promise<ChunkBase[]> {
  const pools = new PlanPools({ step: built.step, layers, pins: inputs.pins });
  return (await pools.of(inputs.strategy, job)).thinned(basesAtOnce);
}

function chunkWay(plan: ChunkPlan, keepAllStepTimeMs: number, passes: number): ChunkWay {
  const { chunked, base, updatedOnDevice, simulation, otherPeakBytes } = plan;
  const { packing, step, chunks, wasteBytes } = chunked;
  const { timing, stepTimeMs, perDevicePeakBytes, computeMs } = simulation;
  const movedBytes = (link: number): number => passes * (timing?.channelBytes[step.linkChannel[link]] ?? 0);
  return {
    ...{ chunkBytes: packing.chunkBytes, chunkCount: packing.chunkCount, wasteBytes, updatedOnDevice },
    modelDataBytes: chunks.length * packing.chunkBytes,
    planner: base.planner,
    recomputations: base.recomputations.length / 2,
    peakBytes: perDevicePeakBytes[0],
    otherPeakBytes,
    hostPeakBytes: perDevicePeakBytes[1],
    stepTimeMs,
    overheadPercent: overheadPercent(stepTimeMs, keepAllStepTimeMs),
    outBytes: movedBytes(1),
    inBytes: movedBytes(step.devices.length + 1),
    waitMs: stepTimeMs - (timing?.deviceBusyMs[0] ?? computeMs),
    hostMs: timing?.deviceBusyMs[1] ?? 0,
  };
}

const bad = (message: string, hint: string): HeadroomError => new HeadroomError('bad-usage', message, hint);
