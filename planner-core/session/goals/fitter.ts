import { formatMemory } from '../../base/format';
import type { Job } from '../../base/job';
import type { PlanInputs } from '../../plan/planInputs';
import { PlanPools } from '../../planners/planPools';
import type { PlannedDirectives } from '../../planners/problem';
import { keepEverything } from '../../simulator/schedule';
import type { AllocatorSettings } from '../allocatorSettings';
import { DeviceRoom } from '../deviceRoom';
import { overheadPercent } from '../makePlan';
import { instantBoundMs } from '../offload/proveOffload';
import { Planning } from '../planning';
import { planningProblem } from '../planningProblem';
import type { StepState } from '../stepState';
import { takenText } from '../taken';
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
  private readonly room: DeviceRoom;
  private pools_: PlanPools | undefined;

  constructor(
    readonly state: StepState,
    readonly inputs: PlanInputs,
    { allocator, memoryBytes }: Fitter,
  ) {
    this.room = new DeviceRoom(state, inputs, allocator, memoryBytes);
  }

  get pools(): PlanPools {
    return (this.pools_ ??= new PlanPools(planningProblem(this.state, this.inputs)));
  }

  /** Plans of the inputs' strategy, which offload where the inputs let them. */
  get planning(): Planning {
    return new Planning(this.pools, this.inputs);
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
    const { stepTimeMs } = plan;
    return { ...this.room.taken(plan), stepTimeMs, overheadPercent: this.overheadOf(stepTimeMs) };
  }

  /** Against keeping everything, in percent. */
  overheadOf(stepTimeMs: number): number {
    return overheadPercent(stepTimeMs, this.state.view.keepAllStepTimeMs);
  }

  /** Does keeping everything fit? */
  fitKept(): Fit {
    const need = this.needOf(this.keepAll);
    return this.room.overflowBytes(need) > 0
      ? { ...need, ...refusal('too-big', `Keeping everything takes ${takenText(need)}.`) }
      : { ...need, ...fitting(this.room.requestableBytes, true) };
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
    const { requestableBytes } = this.room;
    if (floor.bytes > requestableBytes) {
      const because = nodeName === undefined ? '' : `, because of ${nodeName}`;
      const reason = `No plan can need less than ${formatMemory(floor.bytes)}${because}.`;
      return { ...least, ...refusal('too-big', reason, true) };
    }
    const base = this.state.view.keepAllStepTimeMs;
    if (context.isSingleDevice && base > 0) {
      await job.checkpoint();
      const leastPercent = (100 * instantBoundMs(this.pools, requestableBytes)) / base;
      if (leastPercent > maxOverheadPercent) {
        const reason = Number.isFinite(leastPercent)
          ? `No plan can add less than ${leastPercent.toFixed(1)} %.`
          : `No plan can fit ${formatMemory(requestableBytes)}.`;
        const verdict = Number.isFinite(leastPercent) ? 'too-slow' : 'too-big';
        return { ...least, overheadPercent: leastPercent, ...refusal(verdict, reason, true) };
      }
    }
    return this.planned(maxOverheadPercent, job);
  }

  private async planned(maxOverheadPercent: number, job: Job): Promise<Fit> {
    const { room } = this;
    const found = await this.planning.forDevice(room, room.requestableBytes, job);
    const need = this.needOf(found.plan);
    if (found.overflowBytes === 0)
      return this.slowness({ ...need, ...fitting(found.budgetBytes, false) }, maxOverheadPercent);
    return { ...need, ...refusal('too-big', `The smallest plan found takes ${takenText(need)}.`) };
  }

  private slowness(fit: Fit, maxOverheadPercent: number): Fit {
    if (fit.overheadPercent <= maxOverheadPercent) return fit;
    const reason = `The fastest plan found adds ${fit.overheadPercent.toFixed(1)} %.`;
    return { ...fit, ...refusal('too-slow', reason), budgetBytes: fit.budgetBytes };
  }
}

const fitting = (budgetBytes: number, isKept: boolean) =>
  ({ verdict: 'fits', proven: true, reason: '', budgetBytes, isKept }) as const;

const refusal = (verdict: Verdict, reason: string, proven = false) =>
  ({ verdict, proven, reason, budgetBytes: 0, isKept: false }) as const;
