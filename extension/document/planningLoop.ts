import type { ErrorValue } from '../../planner-core/base/errors';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { ViewState } from '../../planner-core/protocol/messages';
import type { AllocatorSettings } from '../../planner-core/session/allocatorSettings';
import type { PlannerHost } from '../planner/plannerHost';
import { BackgroundProof, type ProofPlanner } from './backgroundProof';
import { samePools, sameStep } from './sameInputs';

type Publish = (parts: Partial<ViewState>, cleared?: readonly (keyof ViewState)[]) => void;
type Planner = ProofPlanner & Pick<PlannerHost, 'configure' | 'plan' | 'frontier'>;

/** The frontier that is computed, or has been, and for which inputs. */
interface FrontierRun {
  readonly inputs: PlanInputs;
  readonly job: number;
  running: boolean;
}

/** What the settings say about planning. */
export interface PlanningSettings {
  /** How the memory of CUDA devices is accounted for. */
  readonly allocator?: AllocatorSettings;
  /** How long a proof is searched for in the background; undefined: not at all. */
  readonly refineLimitS?: number;
}

/**
 * Keeps the plan in step with the inputs: configures when the workload or the devices changed, plans at once, computes
 * the frontier in the background, then tightens what is proven until there is something else to do. The latest inputs win; what they make useless is cancelled, and a
 * frontier that still holds (only the budget or the strategy changed) goes on.
 */
export class PlanningLoop {
  private wanted?: PlanInputs;
  private draining?: Promise<void>;
  private configured?: PlanInputs;
  private planJob?: number;
  private configureJob?: number;
  private frontier?: FrontierRun;
  private stopping = false;
  private readonly proof: BackgroundProof;
  /** Inputs of the plan on screen; undefined while another one is made. */
  private planned?: PlanInputs;

  constructor(
    private readonly planner: Planner,
    private readonly publish: Publish,
    private readonly settings: PlanningSettings = {},
  ) {
    const { allocator, refineLimitS: timeLimitS } = settings;
    this.proof = new BackgroundProof(planner, publish, { allocator, timeLimitS }, () => this.renewFrontier());
  }

  /** Plans for these inputs. Results and errors arrive through `publish`. */
  request(inputs: PlanInputs): void {
    this.wanted = inputs;
    this.stopping = false;
    void this.proof.stop();
    if (this.planJob !== undefined) void this.planner.cancel(this.planJob);
    this.draining ??= this.drain().finally(() => (this.draining = undefined));
  }

  /** Stops what is running; the step and the plan on screen stay. */
  async cancel(): Promise<void> {
    this.wanted = undefined;
    this.stopping = true;
    const running = [this.configureJob, this.planJob].filter((job) => job !== undefined);
    await Promise.all(running.map((job) => this.planner.cancel(job)));
    await this.draining;
    // A request that came in meanwhile is wanted.
    if (!this.stopping) return;
    await this.proof.stop();
    const cleared = await this.stopFrontier();
    this.publish({}, ['progress', ...cleared]);
  }

  /** The planner holds another model now: nothing computed before holds. */
  async reset(): Promise<void> {
    await this.cancel();
    this.configured = this.frontier = this.planned = undefined;
    this.proof.clear();
  }

  private get superseded(): boolean {
    return this.stopping || this.wanted !== undefined;
  }

  private async drain(): Promise<void> {
    let retried = false;
    while (this.wanted) {
      const inputs = this.wanted;
      this.wanted = undefined;
      const error = await this.planFor(inputs);
      if (!error || error.code === 'cancelled' || this.superseded) continue;
      if (error.code === 'worker-died' && !retried) {
        // The planner host replaces the worker with the next call: try once more before bothering anyone.
        retried = true;
        this.wanted = inputs;
      } else {
        this.publish(
          { error },
          this.configured ? ['plan', 'progress'] : ['step', 'plan', 'frontier', 'progress'],
        );
        this.proof.clear();
      }
    }
  }

  /** Returns what went wrong. Leaves early when newer inputs have arrived. */
  private async planFor(inputs: PlanInputs): Promise<ErrorValue | undefined> {
    if (this.frontier && !samePools(this.frontier.inputs, inputs)) {
      await this.stopFrontier();
      this.frontier = undefined;
    }
    this.planned = undefined;
    this.proof.supersede(inputs);
    const error = await this.configure(inputs);
    if (error || this.superseded) return error;
    const planError = await this.plan(inputs);
    if (planError || this.superseded) return planError;
    this.planned = inputs;
    if (!this.frontier) void this.computeFrontier(inputs);
    else if (!this.frontier.running) this.proof.start(inputs);
    return undefined;
  }

  private async configure(inputs: PlanInputs): Promise<ErrorValue | undefined> {
    if (this.configured && sameStep(this.configured, inputs)) return undefined;
    this.configured = undefined;
    this.publish({ progress: { stage: 'profiling' } });
    this.configureJob = this.planner.newJob();
    const result = await this.planner.configure(inputs, this.configureJob);
    this.configureJob = undefined;
    if (!result.ok) return result.error;
    this.configured = inputs;
    this.publish({ step: result.value }, ['plan', 'frontier', 'error']);
    return undefined;
  }

  private async plan(inputs: PlanInputs): Promise<ErrorValue | undefined> {
    this.planJob = this.planner.newJob();
    if (!this.frontier?.running) this.publish({ progress: { stage: 'planning' } });
    const result = await this.planner.plan(inputs, this.planJob, this.settings.allocator);
    this.planJob = undefined;
    if (!result.ok) return result.error;
    if (!this.superseded)
      this.publish({ plan: result.value }, this.frontier?.running ? ['error'] : ['error', 'progress']);
    return undefined;
  }

  private async computeFrontier(inputs: PlanInputs): Promise<void> {
    const run: FrontierRun = { inputs, job: this.planner.newJob(), running: true };
    this.frontier = run;
    this.publish({ progress: { stage: 'frontier' } });
    const result = await this.planner.frontier(inputs, run.job, (progress, soFar) => {
      if (this.frontier !== run || !run.running) return;
      this.publish(soFar ? { progress, frontier: soFar } : { progress });
    });
    run.running = false;
    if (this.frontier !== run) return;
    if (result.ok) {
      this.publish({ frontier: result.value }, ['progress']);
      // Otherwise a plan for other inputs is being made, which goes on from there.
      if (this.planned && !this.superseded) this.proof.start(this.planned);
    } else {
      this.frontier = undefined;
      this.publish(result.error.code === 'cancelled' ? {} : { error: result.error }, [
        'progress',
        'frontier',
      ]);
    }
  }

  /** Takes over what the search for a proof has found: quietly, because the frontier on screen holds too. */
  private async renewFrontier(): Promise<void> {
    const run = this.frontier;
    if (!run || run.running) return;
    const result = await this.planner.frontier(run.inputs, this.planner.newJob(), () => undefined);
    if (result.ok && this.frontier === run) this.publish({ frontier: result.value });
  }

  /** Returns the part that is void afterwards: a frontier on screen may belong to older inputs. */
  private async stopFrontier(): Promise<'frontier'[]> {
    const run = this.frontier;
    if (!run?.running) return [];
    this.frontier = undefined;
    await this.planner.cancel(run.job);
    return ['frontier'];
  }
}
