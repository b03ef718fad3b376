import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { ViewState } from '../../planner-core/protocol/messages';
import type { AllocatorSettings } from '../../planner-core/session/allocatorSettings';
import type { Refinement } from '../../planner-core/session/sessionPlans';
import type { Proof } from '../../planner-core/session/refine';
import type { PlannerHost } from '../planner/plannerHost';
import { samePools } from './sameInputs';

type Publish = (parts: Partial<ViewState>, cleared?: readonly (keyof ViewState)[]) => void;
export type ProofPlanner = Pick<PlannerHost, 'newJob' | 'refine' | 'pinPrices' | 'cancel'>;

export interface ProofSettings {
  /** Longest search for one budget; undefined: nothing is proven in the background. */
  readonly timeLimitS?: number;
  readonly allocator?: AllocatorSettings;
}

interface Run {
  readonly job: number;
}

/**
 * Works on while a person looks at a plan: tightens what is proven for its budget, then says what each pin costs. The
 * plan on screen is replaced only by a better one, and stays whatever happens to the search.
 */
export class BackgroundProof {
  private run?: Run;
  private proof?: Proof;
  /** What the proof and the prices on screen are for. */
  private shownFor?: PlanInputs;

  constructor(
    private readonly planner: ProofPlanner,
    private readonly publish: Publish,
    private readonly settings: ProofSettings,
    /** Called when plans were found that the frontier does not have yet. */
    private readonly onBetterPlans: () => void,
  ) {}

  /** Begins with the inputs of the plan on screen, in place of whatever runs. */
  start(inputs: PlanInputs): void {
    void this.stop();
    if (this.settings.timeLimitS === undefined && inputs.pins.length === 0) return;
    const run = { job: this.planner.newJob() };
    this.run = run;
    this.shownFor = inputs;
    void this.work(inputs, run);
  }

  /** Stops what runs; what has been proven stays on screen. Resolves once the planner has stopped. */
  async stop(): Promise<void> {
    const { run } = this;
    if (!run) return;
    this.run = undefined;
    this.endProof('stopped');
    await this.planner.cancel(run.job);
  }

  /** Other inputs are being planned for: takes off the screen what does not hold for them. Call after `stop`. */
  supersede(inputs: PlanInputs): void {
    if (!this.shownFor) return;
    if (!samePools(this.shownFor, inputs)) this.clear();
    // Bounds hold for every budget and strategy, prices do not.
    else this.publish({}, ['pinPrices']);
  }

  /** Nothing that was proven holds any more. */
  clear(): void {
    if (!this.shownFor) return;
    this.proof = this.shownFor = undefined;
    this.publish({}, ['proof', 'pinPrices']);
  }

  private async work(inputs: PlanInputs, run: Run): Promise<void> {
    if (this.settings.timeLimitS !== undefined) await this.prove(inputs, run, this.settings.timeLimitS);
    if (this.run === run && inputs.pins.length > 0) {
      const prices = await this.planner.pinPrices(inputs, run.job);
      if (this.run === run && prices.ok) this.publish({ pinPrices: prices.value });
    }
    if (this.run === run) this.run = undefined;
  }

  private async prove(inputs: PlanInputs, run: Run, timeLimitS: number): Promise<void> {
    const { allocator } = this.settings;
    let hasBetter = false;
    const show = ({ proof, plan }: Refinement): void => {
      if (this.run !== run) return;
      this.proof = proof;
      hasBetter ||= plan !== undefined || proof.hasNewRules === true;
      this.publish(plan ? { proof, plan } : { proof });
    };
    const result = await this.planner.refine(inputs, run.job, { timeLimitS, allocator }, show);
    if (result.ok) show(result.value);
    else if (this.run === run) this.endProof(result.error.message);
    if (this.run === run && hasBetter) this.onBetterPlans();
  }

  /** The search is over although nothing was decided; `note` says why. */
  private endProof(note: string): void {
    if (this.proof?.state !== 'proving') return;
    this.proof = { ...this.proof, state: 'open', note };
    this.publish({ proof: this.proof });
  }
}
