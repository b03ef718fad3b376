import type { Job } from '../../../base/job';
import type { JointAction, JointProblem } from './jointProblem';
import { runOnDemand } from './onDemandJoint';
import { replayJoint } from './replayJoint';

/** Rounds of local moves; each tries every task and every run of tasks that share a device. */
const mostRounds = 20;

/**
 * A schedule for large joint problems: from everything on one device, and each task where it is fastest, tasks and runs
 * of tasks move to other devices while that helps; copies and repeats follow on demand. undefined when nothing fits.
 */
export async function improveDevices(
  problem: JointProblem,
  isOver: () => boolean,
  job: Job,
): Promise<JointAction[] | undefined> {
  let best: Trial | undefined;
  for (const start of starts(problem)) {
    const found = await descend(problem, start, isOver, job);
    if (found && (!best || found.timeMs < best.timeMs)) best = found;
  }
  return best?.actions;
}

interface Trial {
  readonly devices: Uint8Array;
  readonly timeMs: number;
  readonly actions: JointAction[] | undefined;
}

async function descend(
  problem: JointProblem,
  start: Uint8Array,
  isOver: () => boolean,
  job: Job,
): Promise<Trial | undefined> {
  const { taskCount, deviceCount } = problem;
  let best = tried(problem, start);
  for (let round = 0, isBetter = true; isBetter && round < mostRounds; round++) {
    isBetter = false;
    for (let length = Math.max(1, taskCount >> 1); length >= 1; length >>= 1) {
      for (let first = 0; first < taskCount; first += Math.max(1, length >> 1)) {
        for (let device = 0; device < deviceCount; device++) {
          await job.checkpoint();
          if (isOver()) return best.actions && best;
          const devices = best.devices.slice();
          devices.fill(device, first, first + length);
          const trial = tried(problem, devices);
          if (trial.timeMs >= best.timeMs) continue;
          best = trial;
          isBetter = true;
        }
      }
    }
  }
  return best.actions && best;
}

function tried(problem: JointProblem, devices: Uint8Array): Trial {
  const actions = runOnDemand(problem, devices);
  return { devices, actions, timeMs: actions ? replayJoint(problem, actions).timeMs : Infinity };
}

function starts({ taskCount, deviceCount, durationMs }: JointProblem): Uint8Array[] {
  const time = (task: number, device: number): number => durationMs[device * taskCount + task];
  const fastest = Uint8Array.from({ length: taskCount }, (_, task) => {
    let best = 0;
    for (let device = 1; device < deviceCount; device++)
      if (time(task, device) < time(task, best)) best = device;
    return best;
  });
  const singles = Array.from({ length: deviceCount }, (_, device) =>
    fastest.map((other, task) => (time(task, device) < Infinity ? device : other)),
  );
  return [fastest, ...singles];
}
