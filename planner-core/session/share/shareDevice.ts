import { HeadroomError } from '../../base/errors';
import { formatMemory } from '../../base/format';
import type { Job } from '../../base/job';
import { spread } from '../../base/spread';
import type { PlanInputs } from '../../plan/planInputs';
import type { Plan } from '../../plan/plan';
import { leastShared, shareMemory, type JobPoint } from '../../planners/share/shareMemory';
import { compileSchedule } from '../../simulator/compileSchedule';
import { restingBytes } from '../../simulator/restingBytes';
import type { AllocatorSettings } from '../allocatorSettings';
import { offloadLinkOf, passesOf } from '../offload/offloadLinkOf';
import type { PlannerSession } from '../plannerSession';
import type { PlanView } from '../types';

/** How the steps of jobs meet: in any way, or one step after the other. */
export type Alignment = 'any' | 'turns';
export const alignments: readonly Alignment[] = ['any', 'turns'];

/** A model to train or run beside others. */
export interface SharedJob {
  readonly name: string;
  readonly session: PlannerSession;
  /** One device, the same for all jobs. */
  readonly inputs: PlanInputs;
}

export interface ShareQuestion {
  readonly jobs: readonly SharedJob[];
  /** As nvidia-smi counts it: caching allocators and CUDA contexts too. */
  readonly memoryBytes: number;
  readonly alignment: Alignment;
  /** How the memory of CUDA devices is accounted for. */
  readonly allocator?: AllocatorSettings;
}

/** What a job takes under the plan it was given. */
export interface JobShare {
  readonly name: string;
  readonly planner: string;
  /** What tensors ask for at most. */
  readonly peakBytes: number;
  /** With the allocator's rounding and the CUDA context: what nvidia-smi shows; the peak where the device is no CUDA device. */
  readonly totalBytes: number;
  /** The part of it that it holds while others compute: all of it where steps meet in any way. */
  readonly heldBytes: number;
  readonly hostPeakBytes: number;
  readonly stepTimeMs: number;
  /** Alone on the device, nothing recomputed, nothing offloaded. */
  readonly keepAllStepTimeMs: number;
  readonly keepAllPeakBytes: number;
}

export interface ShareAnswer {
  readonly device: string;
  readonly memoryBytes: number;
  readonly alignment: Alignment;
  readonly jobs: readonly JobShare[];
  /** The most that all jobs take at any moment. */
  readonly peakBytes: number;
  /** One step of every job; the device computes for one at a time. */
  readonly roundMs: number;
  readonly addedMs: number;
  /** The same with equal shares of the memory; absent where one job does not fit its share. */
  readonly equalAddedMs?: number;
  readonly assumptions: readonly string[];
}

/** Plans that each job may take, between keeping everything and the least memory. */
const plansAJob = 24;
/** Where values may leave, planning takes longer. */
const plansAJobOffloaded = 10;
const mostJobs = 8;

interface PlannedPoint extends JobPoint {
  readonly view: PlanView;
}

/**
 * Divides the memory of a device among jobs so that together they take the least time, over plans of each. Returns their
 * plans too, in the order of the jobs. Throws 'bad-usage' for less than two jobs or more than eight, several devices, and
 * objectives other than time; 'infeasible', naming the least memory, where they do not fit; 'cancelled' when the job is.
 */
export async function shareDevice(
  question: ShareQuestion,
  job: Job,
): Promise<{ answer: ShareAnswer; plans: Plan[] }> {
  const { jobs, memoryBytes, alignment } = question;
  requireShareable(question);
  const points: PlannedPoint[][] = [];
  for (const [i, shared] of jobs.entries()) {
    points.push(await pointsOf(shared, withShareOfLink(question, shared), question, job));
    job.progress((i + 1) / jobs.length);
  }
  const choices = shareMemory(points, memoryBytes);
  if (!choices)
    throw new HeadroomError(
      'infeasible',
      `The jobs take at least ${formatMemory(leastShared(points))} together, and the device has ${formatMemory(memoryBytes)}.`,
      'Take a larger device, smaller batches, or fewer jobs.',
    );
  const chosen = choices.map((choice, i) => points[i][choice]);
  const shares = chosen.map((point, i) => shareOf(jobs[i].name, point));
  const roundMs = chosen.reduce((sum, { stepTimeMs }) => sum + stepTimeMs, 0);
  const keepAllMs = shares.reduce((sum, { keepAllStepTimeMs }) => sum + keepAllStepTimeMs, 0);
  const equalMs = equalRoundMs(points, memoryBytes);
  return {
    answer: {
      ...{ device: jobs[0].inputs.devices[0].name, memoryBytes, alignment, jobs: shares, roundMs },
      peakBytes:
        chosen.reduce((sum, { heldBytes }) => sum + heldBytes, 0) +
        Math.max(...chosen.map(({ stepBytes }) => stepBytes)),
      addedMs: roundMs - keepAllMs,
      ...(equalMs === undefined ? {} : { equalAddedMs: equalMs - keepAllMs }),
      assumptions: assumptionsOf(question),
    },
    plans: chosen.map(({ view }) => view.plan),
  };
}

function requireShareable({ jobs }: ShareQuestion): void {
  if (jobs.length < 2 || jobs.length > mostJobs)
    throw bad(`${jobs.length} jobs are to share a device.`, `Give two to ${mostJobs} models.`);
  for (const { inputs } of jobs) {
    if (inputs.devices.length > 1 || (inputs.devices[0].count ?? 1) > 1)
      throw bad('Jobs share one device.', 'Give one device.');
    if (inputs.objective !== undefined || inputs.minimise !== undefined)
      throw bad('Jobs share a device for the least time.', 'Leave the objective out.');
  }
}

/** Where steps meet in any way, all jobs may use the link at once; what they keep on the host is there at once anyway. */
function withShareOfLink({ jobs, alignment }: ShareQuestion, { session, inputs }: SharedJob): PlanInputs {
  const { offload } = inputs;
  if (!offload) return inputs;
  const link = offloadLinkOf(session.configure(inputs).step, offload, passesOf(inputs.workload));
  const parts = alignment === 'any' ? jobs.length : 1;
  return {
    ...inputs,
    offload: {
      ...offload,
      link: { ...link, outGBPerS: link.outGBPerS / parts, inGBPerS: link.inGBPerS / parts },
      ...(offload.memoryBytes === undefined ? {} : { memoryBytes: offload.memoryBytes / jobs.length }),
    },
  };
}

async function pointsOf(
  { name, session }: SharedJob,
  inputs: PlanInputs,
  { alignment, allocator }: ShareQuestion,
  job: Job,
): Promise<PlannedPoint[]> {
  const { strategies } = await session.frontier(inputs, job);
  const count = inputs.offload ? plansAJobOffloaded : plansAJob;
  const budgets = spread(strategies[inputs.strategy], count).map(({ peakBytes }) => peakBytes);
  const points: PlannedPoint[] = [];
  for (const budgetBytes of budgets) {
    const view = await session.plan({ ...inputs, budgetBytes }, { allocator }, job);
    if (view.infeasible) continue;
    const { peakBytes, stepTimeMs } = view.plan.prediction;
    const totalBytes = Math.max(peakBytes, view.allocators?.[0]?.totalBytes ?? 0);
    const { step } = session.configure(inputs);
    const stepBytes =
      alignment === 'any' ? 0 : peakBytes - restingBytes(step, compileSchedule(step, view.directives));
    points.push({ heldBytes: totalBytes - stepBytes, stepBytes, stepTimeMs, view });
  }
  if (points.length > 0) return points;
  throw new HeadroomError('infeasible', `No plan of ${name} keeps to what is pinned.`, 'Remove pins.');
}

function shareOf(name: string, { heldBytes, stepBytes, view }: PlannedPoint): JobShare {
  const { planner, prediction } = view.plan;
  return {
    ...{ name, planner, heldBytes },
    peakBytes: prediction.peakBytes,
    totalBytes: heldBytes + stepBytes,
    hostPeakBytes: view.offload?.peakBytes ?? 0,
    stepTimeMs: prediction.stepTimeMs,
    keepAllStepTimeMs: prediction.keepAllStepTimeMs,
    keepAllPeakBytes: prediction.keepAllPeakBytes,
  };
}

/** With as much memory for each: the fastest plan of each that fits it. */
function equalRoundMs(points: readonly (readonly PlannedPoint[])[], memoryBytes: number): number | undefined {
  const share = memoryBytes / points.length;
  const fastest = points.map((own) =>
    Math.min(
      Infinity,
      ...own
        .filter((point) => point.heldBytes + point.stepBytes <= share)
        .map(({ stepTimeMs }) => stepTimeMs),
    ),
  );
  const roundMs = fastest.reduce((sum, ms) => sum + ms, 0);
  return Number.isFinite(roundMs) ? roundMs : undefined;
}

function assumptionsOf({ jobs, alignment }: ShareQuestion): string[] {
  const offloads = jobs.some(({ inputs }) => inputs.offload);
  const meeting =
    alignment === 'any'
      ? 'Steps may meet in any way: the peaks of all jobs together fit the memory.'
      : 'One step runs after the other: beside the one that runs, jobs hold what they hold between steps, and have given back what their allocators cached.';
  return [
    meeting,
    'The device computes for one job at a time: a round, one step of each, takes the sum of their steps.',
    ...(offloads && alignment === 'any' ? ['Every job has an equal share of the link.'] : []),
    ...(offloads ? ['Every job has an equal share of the host memory that plans may use.'] : []),
    'Every job is a process with a CUDA context and a caching allocator of its own; both are counted.',
  ];
}

const bad = (message: string, hint: string): HeadroomError => new HeadroomError('bad-usage', message, hint);
