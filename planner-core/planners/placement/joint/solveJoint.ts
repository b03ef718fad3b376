import { HeadroomError } from '../../../base/errors';
import type { Job } from '../../../base/job';
import type { GraphInstance } from '../../../step/graphInstance';
import type { InstanceAction, InstanceSolution, SolveRequest } from '../../solveInstance';
import { freeAfterUse } from './freeAfterUse';
import { fastestRest, jointProblemOf, type JointAction, type JointProblem } from './jointProblem';
import { replayJoint } from './replayJoint';
import { runOnDemand } from './onDemandJoint';
import { improveDevices } from './improveDevices';
import { searchJointStates } from './stateSearch';

/**
 * Places and repeats the nodes of an instance (kind remat-hetero) within each device's memory: proven best for small
 * ones, found by local moves otherwise.
 */
export async function solveJoint(
  instance: GraphInstance,
  request: SolveRequest,
  isOver: () => boolean,
  job: Job,
): Promise<Omit<InstanceSolution, 'solveMs'>> {
  const limitBytes = limitOf(instance, request);
  const problem = jointProblemOf(instance, limitBytes);
  const optimum = await searchJointStates(problem, job);
  const lazy = optimum ? optimum.actions : await improveDevices(problem, isOver, job);
  const actions = lazy && freeAfterUse(problem, lazy);
  const leastMs = optimum?.timeMs ?? fastestRest(problem)[0];
  const found = actions && replayJoint(problem, actions);
  const reference = bestSingle(problem) ?? found?.timeMs ?? 0;
  const percent = (ms: number): number => (reference > 0 ? 100 * (ms / reference - 1) : 0);
  const shared = { budgetBytes: Number.isFinite(limitBytes) ? limitBytes : undefined };
  if (!found) {
    return {
      ...shared,
      feasible: false,
      timeTotal: Infinity,
      overheadPercent: 0,
      peakBytes: 0,
      lowerBoundPercent: 0,
      gapPercent: 0,
      planner: 'placement and recomputation',
      schedule: [],
      message: whyNone(instance, problem, optimum !== undefined),
    };
  }
  return {
    ...shared,
    feasible: true,
    timeTotal: found.timeMs,
    overheadPercent: percent(found.timeMs),
    peakBytes: Math.max(...found.peakBytes),
    lowerBoundPercent: percent(leastMs),
    gapPercent: percent(found.timeMs) - percent(leastMs),
    planner: optimum ? 'all states, proven best' : 'placement and recomputation, local moves',
    schedule: actions.map((action) => instanceAction(instance, action)),
    placement: firstDevices(instance, actions),
  };
}

function limitOf(instance: GraphInstance, { budgetBytes, budgetRatio }: SolveRequest): number {
  for (const value of [budgetBytes, budgetRatio]) {
    if (value !== undefined && !(value >= 0)) throw new HeadroomError('bad-usage', `The budget is ${value}.`);
  }
  if (budgetBytes !== undefined) return budgetBytes;
  if (budgetRatio === undefined) return Infinity;
  const unlimited = { ...jointProblemOf(instance), memoryBytes: new Float64Array([Infinity]) };
  const all = runOnDemand({ ...unlimited, deviceCount: 1 }, new Uint8Array(instance.nodes.length));
  return Math.floor(
    budgetRatio * (all ? replayJoint({ ...unlimited, deviceCount: 1 }, all).peakBytes[0] : 0),
  );
}

/** Time of everything once on the best single device that can run it all, whatever its memory. */
function bestSingle({ taskCount, deviceCount, durationMs }: JointProblem): number | undefined {
  let best = Infinity;
  for (let device = 0; device < deviceCount; device++) {
    const times = durationMs.subarray(device * taskCount, (device + 1) * taskCount);
    best = Math.min(
      best,
      times.reduce((sum, time) => sum + time, 0),
    );
  }
  return best < Infinity ? best : undefined;
}

function whyNone({ nodes, order }: GraphInstance, problem: JointProblem, isProven: boolean): string {
  const { taskCount, deviceCount, inputs, resultBytes, durationMs, memoryBytes } = problem;
  for (let task = 0; task < taskCount; task++) {
    let bytes = resultBytes[task];
    for (let i = inputs.offsets[task]; i < inputs.offsets[task + 1]; i++)
      bytes += resultBytes[inputs.items[i]];
    let fits = false;
    for (let device = 0; device < deviceCount; device++)
      if (durationMs[device * taskCount + task] < Infinity && bytes <= memoryBytes[device]) fits = true;
    const { name } = nodes[order[task]];
    if (!fits) return `No device can hold node ${name} with what it reads: it needs ${bytes} B.`;
  }
  return isProven
    ? 'No schedule keeps to the memory limits: proven.'
    : 'No schedule found that keeps to the memory limits.';
}

function instanceAction({ order, devices }: GraphInstance, action: JointAction): InstanceAction {
  const node = order[action.task];
  if (action.op === 'copy')
    return { op: 'copy', node, from: devices[action.from].id, to: devices[action.to].id };
  return { op: action.op, node, device: devices[action.device].id };
}

function firstDevices({ order, devices, nodes }: GraphInstance, actions: readonly JointAction[]): string[] {
  const placement = nodes.map(() => '');
  for (const action of actions) {
    if (action.op === 'compute') placement[order[action.task]] ||= devices[action.device].id;
  }
  return placement;
}
