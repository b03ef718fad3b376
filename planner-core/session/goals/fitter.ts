import { formatMemory } from '../../base/format';
import type { Job } from '../../base/job';
import { architectureOf } from '../../devices/architecture';
import type { PlanInputs } from '../../plan/planInputs';
import { KnapsackBound } from '../../planners/bounds/knapsackBound';
import { planAtBudget } from '../../planners/planAtBudget';
import { PlanPools } from '../../planners/planPools';
import type { PlannedDirectives } from '../../planners/problem';
import { keepEverything, type Directives } from '../../simulator/schedule';
import type { AllocatorSettings } from '../allocatorSettings';
import { allocatorViews, type AllocatorView } from '../allocatorView';
import { overheadPercent } from '../makePlan';
import type { StepState } from '../stepState';
import type { Need, Verdict } from './goal';

/** Whether inputs fit, under the fastest plan that was found. */
export interface Fit extends Need {
  readonly verdict: Verdict;
  readonly proven: boolean;
  readonly reason: string;
  /** The budget to plan under, so that what the allocator and the context add fits too. */
  readonly budgetBytes: number;
  /** Keeping everything fits: nothing was planned. */
  readonly isKept: boolean;
}

/** Lowered budgets tried when a plan's blocks do not fit although what they request would. */
const maxAttempts = 6;
/** Of a diagnostic of sizes that a model does not take. */
const mismatchCode = 'shape-mismatch';

/** Decides whether inputs fit a device: cheap proofs first, then a plan, then the allocator. Same inputs, same answer. */
export class Fitter {
  constructor(
    private readonly build: (inputs: PlanInputs) => StepState,
    readonly allocator: AllocatorSettings,
    /** What may be taken of the first device, everything included. */
    readonly memoryBytes: number,
  ) {}

  /** A step and what every plan for it is measured against. */
  step(inputs: PlanInputs): FitStep {
    return new FitStep(this.build(inputs), inputs, this);
  }
}

/** One step under the question of a fitter. */
export class FitStep {
  private pools_: PlanPools | undefined;

  constructor(
    readonly state: StepState,
    readonly inputs: PlanInputs,
    private readonly fitter: Fitter,
  ) {}

  get pools(): PlanPools {
    const { built, layers } = this.state;
    return (this.pools_ ??= new PlanPools({ step: built.step, layers, pins: this.inputs.pins }));
  }

  /** What the model does not take at these sizes; undefined when it takes them. */
  get mismatch(): string | undefined {
    return this.state.view.diagnostics.find(({ code }) => code === mismatchCode)?.message;
  }

  /** Keeping everything but what is pinned otherwise. */
  get keepAll(): Pick<PlannedDirectives, 'planner' | 'directives' | 'peakBytes' | 'stepTimeMs'> {
    if (this.inputs.pins.length > 0) return this.pools.baselines[0].plan;
    const { keepAllPeakBytes: peakBytes, keepAllStepTimeMs: stepTimeMs } = this.state.view;
    return { planner: 'keep all', directives: keepEverything, peakBytes, stepTimeMs };
  }

  needOf(plan: Pick<PlannedDirectives, 'peakBytes' | 'stepTimeMs' | 'directives'>): Need {
    return {
      peakBytes: plan.peakBytes,
      totalBytes: this.onDevice(plan.directives)?.totalBytes,
      stepTimeMs: plan.stepTimeMs,
      overheadPercent: this.overheadOf(plan.stepTimeMs),
    };
  }

  /** Against keeping everything, in percent. */
  overheadOf(stepTimeMs: number): number {
    return overheadPercent(stepTimeMs, this.state.view.keepAllStepTimeMs);
  }

  /** Does keeping everything fit? */
  fitKept(): Fit {
    const need = this.needOf(this.keepAll);
    return this.overflowBytes(need) > 0
      ? { ...need, ...refusal('too-big', `Keeping everything takes ${takenText(need)}.`) }
      : { ...need, ...fitting(this.requestableBytes, true) };
  }

  /** Does the fastest plan that the strategy finds fit, and is it fast enough? Throws 'cancelled' when the job is. */
  async fit(maxOverheadPercent: number, job: Job): Promise<Fit> {
    await job.checkpoint();
    const kept = this.fitKept();
    if (kept.verdict === 'fits') return this.slowness(kept, maxOverheadPercent);
    await job.checkpoint();
    const { floor, context, problem } = this.pools;
    const least = { ...kept, peakBytes: floor.bytes, totalBytes: undefined };
    const nodeName = problem.step.nodeName[floor.node];
    if (floor.bytes > this.requestableBytes) {
      const because = nodeName === undefined ? '' : `, because of ${nodeName}`;
      const reason = `No plan can need less than ${formatMemory(floor.bytes)}${because}.`;
      return { ...least, ...refusal('too-big', reason, true) };
    }
    const base = this.state.view.keepAllStepTimeMs;
    if (context.isSingleDevice && base > 0) {
      await job.checkpoint();
      const bound = new KnapsackBound(problem.step, problem.layers.recomputable);
      const leastPercent = (100 * bound.leastAddedMs(this.requestableBytes)) / base;
      if (leastPercent > maxOverheadPercent) {
        const reason = Number.isFinite(leastPercent)
          ? `No plan can add less than ${leastPercent.toFixed(1)} %.`
          : `No plan can fit ${formatMemory(this.requestableBytes)}.`;
        const verdict = Number.isFinite(leastPercent) ? 'too-slow' : 'too-big';
        return { ...least, overheadPercent: leastPercent, ...refusal(verdict, reason, true) };
      }
    }
    return this.planned(maxOverheadPercent, job);
  }

  private async planned(maxOverheadPercent: number, job: Job): Promise<Fit> {
    const { strategy } = this.inputs;
    const known = await this.pools.knownOf(strategy, job);
    let budgetBytes = this.requestableBytes;
    let last: Need | undefined;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      await job.checkpoint();
      const plan = await planAtBudget(this.pools.problem, budgetBytes, strategy, undefined, job, known);
      if (plan.infeasible) {
        const need = this.needOf(plan);
        const reason = `The smallest plan found takes ${takenText(need)}.`;
        return { ...need, ...refusal('too-big', reason) };
      }
      last = this.needOf(plan);
      const excessBytes = this.overflowBytes(last);
      if (excessBytes === 0)
        return this.slowness({ ...last, ...fitting(budgetBytes, false) }, maxOverheadPercent);
      budgetBytes = Math.min(budgetBytes, plan.peakBytes) - excessBytes;
    }
    const reason = `The last of ${maxAttempts} plans tried takes ${takenText(last!)} with the allocator's blocks.`;
    return { ...last!, ...refusal('too-big', reason) };
  }

  private slowness(fit: Fit, maxOverheadPercent: number): Fit {
    if (fit.overheadPercent <= maxOverheadPercent) return fit;
    const reason = `The fastest plan found adds ${fit.overheadPercent.toFixed(1)} %.`;
    return { ...fit, ...refusal('too-slow', reason), budgetBytes: fit.budgetBytes };
  }

  /** What tensors may request at most: the memory less what is taken beside them for sure. */
  private get requestableBytes(): number {
    const { memoryBytes, allocator } = this.fitter;
    const isCuda = this.inputs.workload.semantics === 'cuda';
    const software = isCuda ? architectureOf(this.inputs.devices[0].name)?.software : undefined;
    return memoryBytes - (software === 'cuda' ? allocator.contextBytes : 0);
  }

  /** By how many bytes a plan is too big for the device; 0 when it fits. */
  private overflowBytes({ peakBytes, totalBytes = peakBytes }: Need): number {
    const { memoryBytes } = this.fitter;
    return Math.max(0, totalBytes - memoryBytes, peakBytes - this.requestableBytes);
  }

  /**
   * The first device as PyTorch and the driver count it, were its memory without end: what fits only because cached
   * segments are given back on the way costs time at every step that nothing here tells.
   */
  private onDevice(directives: Directives): AllocatorView | undefined {
    const { workload, devices } = this.inputs;
    const endless = devices.map((device) => ({ ...device, memoryBytes: Infinity }));
    const views = allocatorViews(
      this.state,
      { workload, devices: endless },
      directives,
      this.fitter.allocator,
    );
    return views.find(({ device }) => device === devices[0].id);
  }
}

const takenText = ({ totalBytes, peakBytes }: Need): string => formatMemory(totalBytes ?? peakBytes);

const fitting = (budgetBytes: number, isKept: boolean) =>
  ({ verdict: 'fits', proven: true, reason: '', budgetBytes, isKept }) as const;

const refusal = (verdict: Verdict, reason: string, proven = false) =>
  ({ verdict, proven, reason, budgetBytes: 0, isKept: false }) as const;
