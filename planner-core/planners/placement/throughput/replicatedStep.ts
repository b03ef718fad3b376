import type { Job } from '../../../base/job';
import type { Directives } from '../../../simulator/schedule';
import { Phase } from '../../../step/stepGraph';
import { deviceClasses } from '../deviceClasses';
import type { Placement, PlacementProblem } from '../problem';
import { replicateStages } from './replicateStages';
import { gradientsByGroup, ofOneMicroBatch, type PipelineRequest } from './stepPipeline';

/** A placement whose stages like devices share, taking micro-batches (or steps of a stream) in turn. */
export interface ReplicatedPlacement {
  /** By group: the first device of its stage. */
  readonly placement: Placement;
  readonly replicas: NonNullable<Directives['replicas']>;
}

/** Beyond this many groups the programme over all stages takes longer than somebody waits. */
const mostGroups = 800;

/** Are there two devices that could share a stage? */
export const hasLikeDevices = (problem: PlacementProblem): boolean =>
  deviceClasses(problem).some((first, device) => first !== device);

/**
 * Proposes the best pipeline with replicated stages, as `replicateStages` counts; the simulator has to say what it comes
 * to. undefined where no two devices are alike, or where replication does not help.
 */
export async function replicatedStep(
  { step, problem, microBatches }: PipelineRequest,
  job: Job,
): Promise<ReplicatedPlacement | undefined> {
  if (!hasLikeDevices(problem) || problem.groupBytes.length > mostGroups) return undefined;
  const isTrained = step.nodePhase.includes(Phase.backward);
  const gradientBytes = isTrained ? gradientsByGroup(step, problem) : undefined;
  const oneMicroBatch = ofOneMicroBatch(problem, step, microBatches);
  const found = await replicateStages(oneMicroBatch, { gradientBytes, microBatches }, job);
  if (!found?.stages.some(({ devices }) => devices.length > 1)) return undefined;
  const placement = new Uint8Array(problem.groupBytes.length);
  const replicas: number[][] = step.devices.map(() => []);
  for (const { groups, devices } of found.stages) {
    const [first, ...others] = devices;
    for (const group of groups) placement[group] = first;
    replicas[first] = others;
  }
  return { placement, replicas };
}
