import type { Job } from '../../base/job';
import { directivesOf } from '../../plan/directives';
import type { Layer } from '../../plan/layerIndex';
import type { Decision, Strategy } from '../../plan/plan';
import { compileSchedule } from '../../simulator/compileSchedule';
import { keptValues } from '../../simulator/keptValues';
import { keepEverything, type Directives } from '../../simulator/schedule';
import { deviceOfNodes } from '../../simulator/sequence';
import { simulate } from '../../simulator/simulate';
import { pinnedByHand } from '../context';
import type { BudgetPlan } from '../planAtBudget';
import type { PlanningProblem } from '../problem';
import { placedOutcome, type PlacedOutcome } from './placedOutcome';
import type { DecidedPlacement, PlacementObjective } from './placeStep';
import type { PipelineRequest } from './throughput/stepPipeline';

/** What the stages of a placement may hold. */
export interface StagesRequest {
  readonly problem: PlanningProblem;
  readonly strategy: Strategy;
  /** How the outcome of a plan is found; its replicas are the placement's. */
  readonly outcome: Omit<PipelineRequest, 'replicas'> & { readonly objective: PlacementObjective };
  /** Limit of each device. */
  readonly memoryBytes: readonly number[];
}

/** A choice of modules to run again, as a plan. */
interface Chosen {
  readonly modules: readonly Layer[];
  readonly decisions: readonly Decision[];
  readonly directives: Directives;
  readonly outcome: PlacedOutcome;
}

/**
 * Recomputation under a placement so that every device keeps to its memory, whatever is in flight there: device by
 * device, the modules that free most for the time they take run again until it fits, then those that turn out not to be
 * needed are kept after all. Blocks are tried first, then the largest modules a device has whole. undefined where that
 * is not enough.
 */
export async function recomputeStages(
  request: StagesRequest,
  placed: DecidedPlacement,
  job: Job,
): Promise<BudgetPlan | undefined> {
  const { problem, memoryBytes } = request;
  const { layers, blocks } = problem.layers;
  for (const candidates of [blocks.map((id) => layers[id]), layers]) {
    let chosen = weigh(request, placed, []);
    for (let device = 0; device < memoryBytes.length; device++) {
      if (excess(chosen, device, memoryBytes) === 0) continue;
      chosen = await fitDevice(
        request,
        placed,
        chosen,
        whole(request, placed, candidates, device),
        device,
        job,
      );
    }
    if (!memoryBytes.every((_, device) => excess(chosen, device, memoryBytes) === 0)) continue;
    chosen = await withoutNeedless(request, placed, chosen, job);
    const { decisions, directives, outcome } = chosen;
    return {
      planner: `${placed.name}, with recomputation`,
      directives,
      decisions: pinnedByHand(decisions, problem.pins),
      peakBytes: outcome.peakBytes[0],
      stepTimeMs: outcome.timeMs,
    };
  }
  return undefined;
}

const excess = ({ outcome }: Chosen, device: number, memoryBytes: readonly number[]): number =>
  Math.max(0, outcome.peakBytes[device] - memoryBytes[device]);

/** Adds modules, best first, until a device fits; all of them where it never does. */
async function fitDevice(
  request: StagesRequest,
  placed: DecidedPlacement,
  start: Chosen,
  candidates: readonly Layer[],
  device: number,
  job: Job,
): Promise<Chosen> {
  const first = (count: number): Chosen =>
    weigh(request, placed, [...start.modules, ...candidates.slice(0, count)]);
  // More modules need not take less, but nearly always do.
  let [low, high] = [0, candidates.length];
  let best = first(high);
  while (high - low > 1) {
    await job.checkpoint();
    const middle = (low + high) >> 1;
    const chosen = first(middle);
    if (excess(chosen, device, request.memoryBytes) > 0) low = middle;
    else {
      high = middle;
      best = chosen;
    }
  }
  return best;
}

/** Keeps after all what need not run again, dearest first, where that takes no more time. */
async function withoutNeedless(
  request: StagesRequest,
  placed: DecidedPlacement,
  start: Chosen,
  job: Job,
): Promise<Chosen> {
  let best = start;
  const dearest = [...start.modules].sort((a, b) => timeMs(request, placed, b) - timeMs(request, placed, a));
  for (const module of dearest) {
    await job.checkpoint();
    const chosen = weigh(
      request,
      placed,
      best.modules.filter(({ id }) => id !== module.id),
    );
    const fits = request.memoryBytes.every((_, device) => excess(chosen, device, request.memoryBytes) === 0);
    if (fits && chosen.outcome.timeMs <= best.outcome.timeMs) best = chosen;
  }
  return best;
}

/** The outermost of the candidates that lie on a device whole, by bytes they free for their time, first ones first. */
function whole(
  { problem: { step, layers } }: StagesRequest,
  { directives }: DecidedPlacement,
  candidates: readonly Layer[],
  device: number,
): Layer[] {
  const deviceOf = deviceOfNodes(step, directives);
  const kept = keptValues(step, keepEverything);
  const taken = new Set<number>();
  const found: { module: Layer; bytesPerMs: number }[] = [];
  for (const module of candidates) {
    const { forwardNodes, recomputation } = module;
    if (!recomputation || forwardNodes.some((node) => deviceOf[node] !== device)) continue;
    if (forwardNodes.some((node) => taken.has(node))) continue;
    let bytes = 0;
    let ms = 0;
    for (const node of recomputation.nodes) {
      ms += step.durationMs[device * step.nodeCount + node];
      if (!layers.recomputable[node]) continue;
      for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++)
        if (kept[step.outputs.items[i]]) bytes += step.valueBytes[step.outputs.items[i]];
    }
    if (bytes === 0) continue;
    for (const node of forwardNodes) taken.add(node);
    found.push({ module, bytesPerMs: ms > 0 ? bytes / ms : Infinity });
  }
  return found.sort((a, b) => b.bytesPerMs - a.bytesPerMs).map(({ module }) => module);
}

function timeMs(
  { problem: { step } }: StagesRequest,
  { directives: { placement } }: DecidedPlacement,
  { recomputation }: Layer,
): number {
  const nodes = recomputation?.nodes ?? [];
  return nodes.reduce(
    (sum, node) => sum + step.durationMs[(placement?.[node] ?? 0) * step.nodeCount + node],
    0,
  );
}

function weigh(
  { problem: { step, layers }, strategy, outcome }: StagesRequest,
  placed: DecidedPlacement,
  modules: readonly Layer[],
): Chosen {
  const byTarget = new Map(
    placed.decisions.map((decision) => [`${decision.kind} ${decision.target}`, decision]),
  );
  for (const { name } of modules) {
    const known = byTarget.get(`module ${name}`);
    if (!known?.choice)
      byTarget.set(`module ${name}`, { ...known, target: name, kind: 'module', choice: 'recompute' });
  }
  const decisions = [...byTarget.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, decision]) => decision);
  const { lateTransfers, replicas } = placed.directives;
  const directives: Directives = {
    ...directivesOf(step, layers, decisions, strategy),
    ...(lateTransfers ? { lateTransfers } : {}),
    ...(replicas ? { replicas } : {}),
  };
  const schedule = compileSchedule(step, directives);
  const simulation = simulate(step, schedule);
  const devices = deviceOfNodes(step, directives);
  return {
    ...{ modules, decisions, directives },
    outcome: placedOutcome({ ...outcome, replicas }, devices, schedule, simulation),
  };
}
