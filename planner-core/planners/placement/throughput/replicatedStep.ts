import type { Job } from '../../../base/job';
import { Phase } from '../../../step/stepGraph';
import { deviceClasses } from '../deviceClasses';
import { replicateStages } from './replicateStages';
import { gradientsByGroup, ofOneMicroBatch, runStages, type PipelineRequest } from './stepPipeline';

/** A step as a pipeline in which several like devices share a stage, taking micro-batches (or samples) in turn. */
export interface ReplicatedStep {
  readonly stages: readonly { readonly groups: readonly number[]; readonly devices: readonly number[] }[];
  /** Of an update with all its micro-batches; without micro-batches the period of a stream of steps. */
  readonly timeMs: number;
  /** By device: what its stage occupies all the time and its micro-batches in flight keep. */
  readonly peakBytes: readonly number[];
  readonly fits: boolean;
}

/** Beyond this many groups the programme over all stages takes longer than a comparison is worth. */
const mostGroups = 800;

/**
 * The best pipeline with replicated stages, to compare a placement with: plans place each layer on one device.
 * `keptBytes`: activations of each group. undefined where no two devices are alike, or where replication does not help.
 */
export async function replicatedStep(
  request: PipelineRequest,
  keptBytes: Float64Array,
  job: Job,
): Promise<ReplicatedStep | undefined> {
  const { step, problem, microBatches } = request;
  const isLonely = deviceClasses(problem).every((first, device) => first === device);
  if (isLonely || keptBytes.length > mostGroups) return undefined;
  const isTrained = step.nodePhase.includes(Phase.backward);
  const gradientBytes = isTrained ? gradientsByGroup(step, problem) : undefined;
  const oneMicroBatch = ofOneMicroBatch(problem, step, microBatches);
  const found = await replicateStages(oneMicroBatch, { gradientBytes, microBatches }, job);
  if (!found?.stages.some(({ devices }) => devices.length > 1)) return undefined;
  const ran = runStages(request, found.stages, keptBytes);
  if (!ran) return undefined;
  const { run, pipeline, periodMs } = ran;
  // A stream of steps sums gradients and updates in each of them.
  const finishMs = pipeline.stages.reduce((most, stage) => Math.max(most, stage.finishMs), 0);
  const timeMs = isTrained && microBatches > 1 ? run.makespanMs : periodMs + finishMs;
  const peakBytes = [...run.devicePeakBytes];
  const fits = peakBytes.every((bytes, device) => bytes <= problem.memoryBytes[device]);
  return { stages: found.stages, timeMs, peakBytes, fits };
}
