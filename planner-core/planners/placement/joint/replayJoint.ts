import { HeadroomError } from '../../../base/errors';
import { dearestCopies, type JointAction, type JointProblem } from './jointProblem';

/** What a schedule of a joint problem costs. */
export interface JointReplay {
  readonly timeMs: number;
  /** Highest bytes on each device; a task's inputs and its result are there together. */
  readonly peakBytes: Float64Array;
}

/**
 * Replays a schedule and prices its copies. Throws 'check-failed' when it is none: a task that never runs, runs
 * without its inputs or where it cannot, a copy from or a free of what is not there, a kept result that is gone.
 */
export function replayJoint(problem: JointProblem, actions: readonly JointAction[]): JointReplay {
  const { taskCount, deviceCount, durationMs, inputs, copyMs, isKept, resultBytes } = problem;
  /** By result and device: the copy that is there, -2 for a result that was computed there, -1 for none. */
  const there = new Int32Array(taskCount * deviceCount).fill(-1);
  const copies: Copy[] = [];
  const live = new Float64Array(deviceCount);
  const peakBytes = new Float64Array(deviceCount);
  const hasRun = new Uint8Array(taskCount);
  let timeMs = 0;
  const put = (task: number, device: number, what: number): void => {
    if (there[task * deviceCount + device] === -1) live[device] += resultBytes[task];
    there[task * deviceCount + device] = what;
    peakBytes[device] = Math.max(peakBytes[device], live[device]);
  };
  for (const action of actions) {
    const { task } = action;
    if (action.op === 'copy') {
      if (there[task * deviceCount + action.from] === -1)
        throw invalid(`the result of task ${task} is copied from where it is not`);
      const { from, to } = action;
      put(task, to, copies.push({ task, from, to, reader: -1 }) - 1);
    } else if (action.op === 'free') {
      const pair = task * deviceCount + action.device;
      if (there[pair] === -1) throw invalid(`the result of task ${task} is freed where it is not`);
      there[pair] = -1;
      live[action.device] -= resultBytes[task];
    } else {
      for (let entry = inputs.offsets[task]; entry < inputs.offsets[task + 1]; entry++) {
        const read = there[inputs.items[entry] * deviceCount + action.device];
        if (read === -1) throw invalid(`task ${task} runs without the result of ${inputs.items[entry]}`);
        if (read >= 0 && copies[read].reader < 0) copies[read] = { ...copies[read], reader: entry };
      }
      const duration = durationMs[action.device * taskCount + task];
      if (duration === Infinity) throw invalid(`task ${task} cannot run on device ${action.device}`);
      timeMs += duration;
      hasRun[task] = 1;
      put(task, action.device, -2);
    }
  }
  const missing = hasRun.indexOf(0);
  if (missing >= 0) throw invalid(`task ${missing} never runs`);
  for (let task = 0; task < taskCount; task++) {
    const isThere = there.subarray(task * deviceCount, (task + 1) * deviceCount).some((what) => what !== -1);
    if (isKept[task] && !isThere) throw invalid(`the result of task ${task} is gone at the end`);
  }
  const dearest = dearestCopies(problem);
  for (const { task, from, to, reader } of copies) {
    const direction = from * deviceCount + to;
    timeMs +=
      reader < 0
        ? dearest[task * deviceCount * deviceCount + direction]
        : copyMs[reader * deviceCount * deviceCount + direction];
  }
  return { timeMs, peakBytes };
}

interface Copy {
  readonly task: number;
  readonly from: number;
  readonly to: number;
  /** First entry that reads it; -1 for none. */
  readonly reader: number;
}

function invalid(what: string): HeadroomError {
  return new HeadroomError('check-failed', `Invalid schedule: ${what}.`);
}
