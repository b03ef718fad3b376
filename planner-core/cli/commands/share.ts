import path from 'node:path';
import { uncontrolled } from '../../base/job';
import { formatDuration, formatMemory, formatOverhead } from '../../base/format';
import { withCalibration } from '../../plan/withCalibration';
import { planText } from '../../plan/writePlan';
import type { PlannerSession } from '../../session/plannerSession';
import { alignments, shareDevice, type ShareAnswer } from '../../session/share/shareDevice';
import { allocatorSettingsOf } from '../allocatorOptions';
import { assumedRows } from '../assumedText';
import { dimensionsText } from '../workloadText';
import { calibrationOf } from '../calibrationOption';
import { machineOf } from '../machineOptions';
import { requireKnownDims, unknownDims } from '../knownDims';
import { memoryOf } from '../memoryOption';
import { openModelFile } from '../models';
import { offloadOf } from '../offloadOptions';
import { badUsage, pinsOf, strategyOf, workloadOf, type Options } from '../options';
import { message, result, table, writeWhole } from '../output';

/** `headroom share A B …`: several jobs on one device. Exit code 1 when they do not fit. */
export async function share(files: readonly string[], options: Options): Promise<number> {
  if (files.length < 2) throw badUsage('share needs two models or more; name one twice to run it twice.');
  const machine = machineOf(options);
  const { devices } = machine;
  const dims = files.map((_, i) => dimsOfJob(options.dim ?? [], i + 1, files.length));
  const sessions = files.map(openModelFile);
  requireDims(sessions, dims);
  const jobs = files.map((file, i) => {
    const session = sessions[i];
    const inputs = {
      ...withCalibration({ ...session.defaultInputs(devices), ...machine }, calibrationOf(options, devices)),
      ...offloadOf(options),
      workload: workloadOf({ ...options, dim: [...dims[i].common, ...dims[i].own] }),
      strategy: strategyOf(options),
      pins: pinsOf(options, devices),
    };
    return { name: path.basename(file), session, inputs };
  });
  const text = options.alignment ?? 'any';
  const alignment = alignments.find((candidate) => candidate === text);
  if (!alignment) throw badUsage(`--alignment is "${text}": expected ${alignments.join(', ')}.`);
  const memoryBytes = memoryOf(options.memory) ?? devices[0].memoryBytes;
  const { answer, plans } = await shareDevice(
    { jobs, memoryBytes, alignment, allocator: allocatorSettingsOf(options) },
    uncontrolled,
  );
  for (const assumption of answer.assumptions) message(assumption);
  if (options.out !== undefined) {
    for (const [i, plan] of plans.entries()) {
      const file = path.join(options.out, `${i + 1}.${plan.model.file}.plan.json`);
      writeWhole(file, planText(plan));
      message(`wrote ${file}`);
    }
  }
  const about = [
    ...jobs.map(({ name, session, inputs }, i) => [
      `${i + 1} ${name}`,
      dimensionsText(session.summary, inputs.workload) || 'all sizes fixed',
    ]),
    ...assumedRows(jobs[0].inputs.workload, options, jobs[0].session.summary),
  ];
  result(options.json ? JSON.stringify(answer, undefined, 2) : `${table(about)}\n\n${shareText(answer)}`);
  return 0;
}

/** The texts of `--dim` that hold for every job, and those for the job of this number alone. */
interface JobDims {
  readonly common: readonly string[];
  readonly own: readonly string[];
}

/** `--dim NAME=N` is for every job, `--dim 2:NAME=N` for the second. Throws 'bad-usage' for a job that there is not. */
function dimsOfJob(dims: readonly string[], number: number, count: number): JobDims {
  const common: string[] = [];
  const own: string[] = [];
  for (const text of dims) {
    const match = /^(\d+):(.*)$/.exec(text);
    if (match && (Number(match[1]) < 1 || Number(match[1]) > count))
      throw badUsage(`--dim is "${text}": there are ${count} models.`);
    if (!match) common.push(text);
    else if (Number(match[1]) === number) own.push(match[2]);
  }
  return { common, own };
}

/** Throws 'bad-workload' for a dimension of one job that its model lacks, and for one of every job that all of them lack. */
function requireDims(sessions: readonly PlannerSession[], dims: readonly JobDims[]): void {
  sessions.forEach((session, i) => requireKnownDims(session, { dim: [...dims[i].own] }));
  const inNone = dims[0].common.filter((text) =>
    sessions.every((session) => unknownDims(session, { dim: [text] }).length > 0),
  );
  requireKnownDims(sessions[0], { dim: inNone });
}

function shareText({ jobs, device, memoryBytes, alignment, ...answer }: ShareAnswer): string {
  const { peakBytes, roundMs, addedMs, equalAddedMs } = answer;
  const percent = (ms: number): string => formatOverhead((100 * ms) / (roundMs - addedMs));
  const rows = jobs.map((job, i) => [
    `${i + 1} ${job.name}`,
    formatMemory(job.keepAllPeakBytes),
    formatMemory(job.peakBytes),
    formatMemory(job.totalBytes),
    ...(alignment === 'turns' ? [formatMemory(job.heldBytes)] : []),
    formatDuration(job.stepTimeMs),
    formatOverhead(100 * (job.stepTimeMs / job.keepAllStepTimeMs - 1)),
    job.planner,
  ]);
  const held = alignment === 'turns' ? ['between steps'] : [];
  const equal = equalAddedMs === undefined ? 'do not do' : `would make it ${percent(equalAddedMs)}`;
  return [
    `${jobs.length} jobs in ${formatMemory(memoryBytes)} of ${device}: at most ${formatMemory(peakBytes)} at once.`,
    table([['job', 'keeping all', 'peak', 'nvidia-smi', ...held, 'step', 'added', 'planner'], ...rows]),
    `A round, one step of each: ${formatDuration(roundMs)}, ${percent(addedMs)}; equal shares of the memory ${equal}.`,
  ].join('\n');
}
