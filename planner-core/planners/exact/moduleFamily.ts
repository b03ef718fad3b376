import type { Job } from '../../base/job';
import type { NodeId } from '../../step/stepGraph';
import { KnapsackBound } from '../bounds/knapsackBound';
import type { PlanningContext } from '../context';
import type { Candidate } from '../paretoPlans';
import { highestMoments } from './highestMoments';
import { ModuleFacts } from './moduleFacts';
import { ModuleProgram, type InnerMoment } from './moduleProgram';
import type { PlanFamily } from './planFamily';
import { exactPlannerName } from './scheduleFamily';

/** Moments of the first program, and how many more are learnt at once. */
const fewMoments = 12;

/**
 * All choices of modules to wrap in checkpoints, none inside another, through module programs (see ModuleProgram): the
 * bound holds for these only, and is higher than that of schedules. Pins must be such choices (see pinsAreModules).
 */
export class ModuleFamily implements PlanFamily<ModuleProgram> {
  readonly keepAllMs: number;
  readonly leastAddedMs: number;
  private readonly facts: ModuleFacts;
  private moments: readonly NodeId[];
  private inner: readonly InnerMoment[] = [];

  constructor(
    private readonly context: PlanningContext,
    private readonly budgetBytes: number,
  ) {
    this.facts = new ModuleFacts(context);
    this.keepAllMs = context.evaluate(new Int32Array(0)).stepTimeMs;
    const { repeatable, keepAllBytes } = this.facts.retention;
    this.leastAddedMs = new KnapsackBound(context.step, repeatable).leastAddedMs(budgetBytes);
    this.moments = highestMoments(
      keepAllBytes.map((bytes) => bytes - budgetBytes),
      fewMoments,
    );
  }

  get isShort(): boolean {
    return this.moments.length > 0;
  }

  relaxation(mostAddedMs: number): ModuleProgram {
    return new ModuleProgram(this.facts, this.budgetBytes, mostAddedMs, this.moments, this.inner);
  }

  pointOf(relaxation: ModuleProgram, plan: Candidate): Float64Array | undefined {
    const wrapped = this.facts.wrappedBy(plan.recomputations);
    return wrapped && relaxation.pointOf(wrapped);
  }

  planOf(relaxation: ModuleProgram, point: Float64Array): Promise<Candidate | undefined> {
    const recomputations = this.recomputationsOf(relaxation.wrapped(point));
    const { peakBytes, stepTimeMs } = this.context.evaluate(recomputations);
    const plan = { planner: exactPlannerName, peakBytes, stepTimeMs, recomputations };
    return Promise.resolve(peakBytes <= this.budgetBytes ? plan : undefined);
  }

  learn(relaxation: ModuleProgram, point: Float64Array): boolean {
    const wrapped = relaxation.wrapped(point);
    const { nodes, length, liveBytes } = this.context.evaluate(this.recomputationsOf(wrapped));
    const { modules } = this.facts;
    const excess = new Float64Array(this.context.step.nodeCount);
    const worst = new Map<string, { moment: InnerMoment; bytes: number }>();
    const known = new Set(this.moments);
    const knownInner = new Set(this.inner.map(keyOf));
    let next = 0;
    for (let position = 0; position < length; position++) {
      const node = nodes[position];
      const over = liveBytes[position] - this.budgetBytes;
      const isFirst = node === next;
      if (isFirst) next++;
      if (over <= 0) continue;
      if (isFirst) {
        if (!known.has(node)) excess[node] = over;
        continue;
      }
      const module = wrapped.find(
        (index) => modules[index].before === next && modules[index].nodes.includes(node),
      );
      if (module === undefined) continue;
      const moment = { module, index: modules[module].nodes.indexOf(node) };
      const key = keyOf(moment);
      const highest = worst.get(String(module));
      if (!knownInner.has(key) && over > (highest?.bytes ?? 0))
        worst.set(String(module), { moment, bytes: over });
    }
    const moments = highestMoments(excess, fewMoments);
    const inner = [...worst.values()].map(({ moment }) => moment);
    this.moments = [...this.moments, ...moments];
    this.inner = [...this.inner, ...inner];
    return moments.length + inner.length > 0;
  }

  exhaust(_underMs: number, _job: Job): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  private recomputationsOf(wrapped: readonly number[]): Int32Array {
    return this.context.regions.compile(wrapped.map((index) => this.facts.modules[index].id));
  }
}

const keyOf = ({ module, index }: InnerMoment): string => `${module} ${index}`;

/** Does every repeat that is pinned belong to a module pinned as a whole, so that a choice of modules can have it? */
export function pinsAreModules({ problem, pinnedModules, pinnedRecompute }: PlanningContext): boolean {
  const covered = new Uint8Array(pinnedRecompute.length);
  for (const id of pinnedModules)
    for (const node of problem.layers.layers[id].forwardNodes) covered[node] = 1;
  return pinnedRecompute.every((flag, node) => !flag || covered[node] === 1);
}
