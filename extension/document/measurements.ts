import { l10n } from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import type { Calibration } from '../../planner-core/devices/calibration';
import type { MeasuredStep } from '../../planner-core/measurements/measuredStep';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { ModelSource } from '../../planner-core/protocol/plannerService';
import type { PlannerHost } from '../planner/plannerHost';

/**
 * The files of measurements of one document. What they say is put to the step on screen again whenever that changes; where they
 * are of other sizes than the step's, nothing of them is shown until it has their sizes again.
 */
export class Measurements {
  private files: readonly ModelSource[] = [];
  private job?: number;

  constructor(
    private readonly planner: Pick<PlannerHost, 'newJob' | 'measure' | 'calibrate' | 'cancel'>,
    private readonly publish: (measured: MeasuredStep | undefined) => void,
  ) {}

  /** Takes files in place of those there were. Throws what the planner reports; those there were then stay. */
  async load(files: readonly ModelSource[], inputs: PlanInputs): Promise<MeasuredStep> {
    await this.stop();
    const result = await this.planner.measure(inputs, files, this.planner.newJob());
    if (!result.ok) throw HeadroomError.fromValue(result.error);
    this.files = files;
    this.publish(result.value);
    return result.value;
  }

  /** Call when there is another step on screen: the nodes that measurements were put to are gone. */
  async stepChanged(inputs: PlanInputs): Promise<void> {
    await this.stop();
    if (this.files.length === 0) return;
    this.publish(undefined);
    const job = this.planner.newJob();
    this.job = job;
    const result = await this.planner.measure(inputs, this.files, job);
    if (this.job !== job) return;
    this.job = undefined;
    if (result.ok) this.publish(result.value);
  }

  /** Throws 'bad-usage' when nothing is loaded, and what the planner reports. */
  async calibrate(inputs: PlanInputs): Promise<Calibration> {
    if (this.files.length === 0)
      throw new HeadroomError(
        'bad-usage',
        l10n.t('No measurements are loaded.'),
        l10n.t('Load a trace of a run on the device.'),
      );
    const result = await this.planner.calibrate(inputs, this.files, this.planner.newJob());
    if (!result.ok) throw HeadroomError.fromValue(result.error);
    return result.value;
  }

  clear(): void {
    void this.stop();
    this.files = [];
    this.publish(undefined);
  }

  private async stop(): Promise<void> {
    const { job } = this;
    this.job = undefined;
    if (job !== undefined) await this.planner.cancel(job);
  }
}
