import * as vscode from 'vscode';
import { HeadroomError, toErrorValue, type ErrorValue } from '../../planner-core/base/errors';
import type { Calibration, NamedCalibration } from '../../planner-core/devices/calibration';
import { deviceCatalogue } from '../../planner-core/devices/catalogue';
import type { Export, ExportTarget } from '../../planner-core/exporters/targets';
import { applyEdit, type Edit, type PlanInputs } from '../../planner-core/plan/planInputs';
import type { MeasuredStep } from '../../planner-core/measurements/measuredStep';
import { withCalibration } from '../../planner-core/plan/withCalibration';
import type { ModelSource } from '../../planner-core/protocol/plannerService';
import type { AllocatorSettings } from '../../planner-core/session/allocatorSettings';
import type { ModelSummary } from '../../planner-core/session/types';
import { modelSource } from '../planner/modelSource';
import type { PlannerHost } from '../planner/plannerHost';
import { backupText, type Backup } from './backup';
import { defaultInputs, type Defaults } from './defaultInputs';
import { editLabel } from './editLabel';
import { EditLog } from './editLog';
import { isGone, wasCancelled } from './modelErrors';
import { baseName, isWritable, planUriOf } from './paths';
import { Measurements } from './measurements';
import type { Rename } from './planFile';
import { PlanningLoop } from './planningLoop';
import { Questions } from './questions';
import { SavedPlan } from './savedPlan';
import { Serial } from './serial';
import { knownDimensions, rebaseInputs } from './stalePlan';
import { ViewStore } from './viewStore';

/** What a document needs from outside. */
export interface DocumentServices {
  readonly planner: PlannerHost;
  readonly rename: Rename;
  readonly log: Pick<vscode.LogOutputChannel, 'info' | 'warn' | 'error'>;
  /** What a model without a plan starts with. */
  readonly defaults: Defaults;
  /** How the memory of CUDA devices is accounted for. */
  readonly allocator?: AllocatorSettings;
  /** How long a proof is searched for in the background; undefined: not at all. */
  readonly refineLimitS?: number;
  /** Limit for files that cannot be read in parts. */
  readonly maxRemoteFileSizeMB: number;
}

/**
 * The plan for one model file: the decisions of a person, what the planner makes of them, and the plan file beside the
 * model. The model itself is never written. Operations run one at a time: VS Code marks as saved whatever is current
 * when a save ends, so no edit may slip in while the file is written.
 */
export class PlanDocument implements vscode.CustomDocument {
  readonly store: ViewStore;
  readonly readOnly: boolean;
  readonly savedPlan: SavedPlan;
  readonly questions: Questions;

  private readonly edited = new vscode.EventEmitter<vscode.CustomDocumentEditEvent<PlanDocument>>();
  readonly onDidEdit = this.edited.event;
  private readonly disposed = new vscode.EventEmitter<void>();
  readonly onDidDispose = this.disposed.event;

  private readonly log: EditLog;
  private readonly loop: PlanningLoop;
  private readonly measurements: Measurements;
  private readonly serial = new Serial();
  private started?: Promise<void>;
  /** Set while the model is being read. */
  private openJob?: number;
  /** The person did not want to wait for the model that is being read. */
  private openCancelled = false;
  /** Set once the inputs are those of the plan file or the defaults for this model, no longer a first guess. */
  private settled = false;
  /** Structure for which the person accepted a stale plan. */
  private acceptedFingerprint?: string;

  constructor(
    readonly uri: vscode.Uri,
    private readonly services: DocumentServices,
    private readonly restored?: Backup,
  ) {
    const inputs = defaultInputs(services.defaults);
    this.readOnly = !isWritable(uri);
    this.savedPlan = new SavedPlan(planUriOf(uri), uri, services.planner, services.rename);
    this.store = new ViewStore({
      inputs,
      deviceCatalogue: deviceCatalogue.map(({ name, memoryBytes }) => ({ name, memoryBytes })),
      readOnly: this.readOnly,
    });
    this.measurements = new Measurements(services.planner, (measured) => this.store.update({ measured }));
    this.loop = new PlanningLoop(
      services.planner,
      (parts, cleared) => {
        this.store.update(parts, cleared);
        if (parts.step) void this.measurements.stepChanged(this.inputs);
      },
      services,
    );
    this.questions = new Questions(this, services.planner, services.allocator);
    this.log = new EditLog(inputs, () => this.inputsChanged());
  }

  get inputs(): PlanInputs {
    return this.log.inputs;
  }

  /** Opens the model and the saved plan. The first call starts it, all wait for it; failures become part of the state. */
  start(): Promise<void> {
    return (this.started ??= this.serial.run(() => this.load()));
  }

  /** Throws 'unknown-device'. */
  edit(edit: Edit): Promise<void> {
    return this.afterStart(async () => this.change(applyEdit(this.inputs, edit), editLabel(edit)));
  }

  /** Runs a task after the operations that were asked for before it, and before those asked for later. */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    return this.afterStart(task);
  }

  /** Writes the plan beside the model. Throws when it cannot; the plan file is then as before. */
  save(): Promise<void> {
    return this.writing((inputs) => this.savedPlan.write(inputs));
  }

  /** Like `save`, to any place that is not a model or some other foreign file. */
  saveAs(target: vscode.Uri): Promise<void> {
    return this.writing((inputs) => this.savedPlan.writeTo(target, inputs));
  }

  /** Goes back to the plan file, or to the defaults when there is none. */
  revert(): Promise<void> {
    return this.afterStart(() => this.takeSavedPlan());
  }

  /** Text from which the unsaved edits can be restored. */
  backup(): string {
    const unsettled = this.settled ? undefined : this.restored;
    return backupText(unsettled ?? { inputs: this.inputs, savedText: this.savedPlan.knownText });
  }

  /** Throws what the planner reports. */
  export(target: ExportTarget): Promise<Export> {
    return this.afterStart(async () => {
      const { planner, allocator } = this.services;
      const result = await planner.export(this.inputs, target, allocator);
      if (!result.ok) throw HeadroomError.fromValue(result.error);
      return result.value;
    });
  }

  /** Shows files of measurements beside what is predicted. Throws what the planner reports. */
  loadMeasurements(files: readonly ModelSource[]): Promise<MeasuredStep> {
    return this.afterStart(() => this.measurements.load(files, this.inputs));
  }

  /** A calibration of the first device from the measurements that are loaded. Throws what the planner reports. */
  calibrate(): Promise<Calibration> {
    return this.afterStart(() => this.measurements.calibrate(this.inputs));
  }

  /** Plans with a calibration from now on; an edit. */
  useCalibration(calibration: NamedCalibration): Promise<void> {
    return this.afterStart(async () =>
      this.change(withCalibration(this.inputs, calibration), vscode.l10n.t('Calibrate')),
    );
  }

  clearMeasurements(): void {
    this.measurements.clear();
  }

  /** Holds the plan on screen against that of a plan file. Throws 'bad-plan' and 'stale-plan'. */
  compareWith(name: string, text: string): Promise<void> {
    return this.afterStart(async () => {
      const stored = await this.services.planner.storedPlan(text);
      if (!stored.ok) throw HeadroomError.fromValue(stored.error);
      const run = (this.store.state.compared?.run ?? 0) + 1;
      this.store.update({ compared: { ...stored.value, run, name } });
    });
  }

  /** Whether there is a plan of a person's own: a saved one, or unsaved changes. */
  hasOwnPlan(): Promise<boolean> {
    return this.afterStart(async () => this.log.isDirty || this.savedPlan.knownText !== undefined);
  }

  /** Goes on from what a plan file was made from; an edit. Throws 'bad-plan' and 'stale-plan'. */
  takeOver(name: string, text: string): Promise<void> {
    return this.afterStart(async () => {
      const read = await this.services.planner.readPlan(text);
      if (!read.ok) throw HeadroomError.fromValue(read.error);
      if (read.value.stale)
        throw new HeadroomError(
          'stale-plan',
          vscode.l10n.t('{0} was made for another structure of {1}.', name, baseName(this.uri)),
          vscode.l10n.t('Compare plans of the same model.'),
        );
      this.change(read.value.inputs, vscode.l10n.t('Take over {0}', name));
    });
  }

  /** Stops opening or planning; what is on screen stays, and where that is no plan it says how to go on. */
  async cancel(): Promise<void> {
    if (this.openJob !== undefined) {
      this.openCancelled = true;
      return this.services.planner.cancel(this.openJob);
    }
    await this.loop.cancel();
    const { model, plan, error } = this.store.state;
    if (model && !plan && !error) this.store.update({ error: wasCancelled(this.uri) });
  }

  /** Opens the model file again; decisions stay. */
  reload(): Promise<void> {
    return this.afterStart(() => this.load());
  }

  /** The person's answer to a plan that was made for another structure of the model. */
  resolveStalePlan(action: 'keep' | 'rebase' | 'discard'): Promise<void> {
    return this.afterStart(async () => {
      const { model } = this.store.state;
      if (!model) throw new HeadroomError('stale-plan', vscode.l10n.t('The model is not open.'));
      if (action === 'rebase') this.change(await this.rebased(model), vscode.l10n.t('Rebase the plan'));
      if (action === 'discard') this.change(this.defaultsFor(model), vscode.l10n.t('Discard the plan'));
      this.acceptedFingerprint = model.fingerprint;
      this.store.update({}, ['stalePlan']);
      this.replan();
    });
  }

  /** Call when the model file changed, came back or vanished. */
  async modelFileChanged(): Promise<void> {
    const { uri } = this;
    const exists = await vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (exists) return this.reload();
    this.store.update({ error: isGone(uri) });
  }

  /**
   * Call when the plan file may have changed. What is on disk is taken over unless there are unsaved edits: then
   * returns the text on disk, about which a person must decide.
   */
  planFileChanged(): Promise<string | undefined> {
    return this.afterStart(async () => {
      const foreign = await this.savedPlan.foreignText();
      if (!foreign) return undefined;
      if (foreign.text !== undefined && this.log.isDirty) return foreign.text;
      // A plan file that was deleted takes no decision away that is on screen.
      if (foreign.text === undefined) this.savedPlan.knownText = undefined;
      else await this.takeSavedPlan();
      return undefined;
    });
  }

  dispose(): void {
    this.disposed.fire();
    this.edited.dispose();
    this.disposed.dispose();
    this.services.planner.dispose();
  }

  private async afterStart<T>(task: () => Promise<T>): Promise<T> {
    await this.start();
    return this.serial.run(task);
  }

  private writing(write: (inputs: PlanInputs) => Promise<void>): Promise<void> {
    return this.afterStart(async () => {
      const { inputs } = this;
      await write(inputs);
      this.log.markSaved(inputs);
      this.acceptedFingerprint = this.store.state.model?.fingerprint;
      this.store.update({}, ['stalePlan']);
    });
  }

  /** Opens the model; the first time that works, the saved plan and what was restored from a backup too. */
  private async load(): Promise<void> {
    const { planner, maxRemoteFileSizeMB } = this.services;
    await Promise.all([this.questions.stop(), this.loop.reset()]);
    this.store.update({ progress: { stage: 'reading' } }, ['goals', 'split', 'scale', 'sizes']);
    this.openJob = planner.newJob();
    this.openCancelled = false;
    const opened = await planner.open(() => modelSource(this.uri, maxRemoteFileSizeMB), this.openJob);
    this.openJob = undefined;
    if (!opened.ok) {
      const error = opened.error.code === 'cancelled' ? wasCancelled(this.uri) : opened.error;
      this.services.log.error(`${baseName(this.uri)}: ${error.code}: ${error.message}`);
      this.store.update({ error }, [
        'model',
        'step',
        'plan',
        'frontier',
        'progress',
        'proof',
        'pinPrices',
        'stalePlan',
      ]);
      return;
    }
    const changed = this.store.state.model?.fingerprint !== opened.value.fingerprint;
    this.store.update({ model: opened.value }, [
      'error',
      'progress',
      ...(changed ? ['compared' as const] : []),
    ]);
    if (this.settled) {
      if (changed) this.markStale((await this.savedPlan.isStale()) || this.inputs.pins.length > 0);
    } else {
      await this.takeSavedPlan();
      this.settled = true;
      // As an edit on top of what is on disk, so that undo leads back there and VS Code knows that it is unsaved.
      if (this.restored) {
        this.change(this.restored.inputs, vscode.l10n.t('Restore unsaved changes'));
        // If the plan file has changed since, `planFileChanged` finds out.
        this.savedPlan.knownText = this.restored.savedText;
      }
    }
    // It may have been read before the cancellation reached it.
    const isWanted = !this.openCancelled;
    this.openCancelled = false;
    if (isWanted) this.replan();
    else this.store.update({ error: wasCancelled(this.uri) });
  }

  /** Takes over the plan on disk, or the defaults when there is none or it cannot be read. */
  private async takeSavedPlan(): Promise<void> {
    const { model } = this.store.state;
    if (!model) return;
    try {
      const saved = await this.savedPlan.read();
      this.log.reset(saved?.inputs ?? this.defaultsFor(model));
      this.markStale(saved?.stale ?? false);
    } catch (thrown) {
      this.log.reset(this.defaultsFor(model));
      this.reportUnreadablePlan(toErrorValue(thrown));
    }
  }

  private markStale(stale: boolean): void {
    const { model } = this.store.state;
    const accepted = model?.fingerprint === this.acceptedFingerprint;
    this.store.update({
      stalePlan: stale && !accepted ? baseName(this.savedPlan.uri ?? this.uri) : undefined,
    });
  }

  private reportUnreadablePlan(error: ErrorValue): void {
    const message = vscode.l10n.t(
      'The plan beside {0} cannot be used: {1} It is left as it is.',
      baseName(this.uri),
      error.message,
    );
    this.services.log.warn(message);
    void vscode.window.showWarningMessage(message);
  }

  private defaultsFor(model: ModelSummary): PlanInputs {
    const inputs = defaultInputs(this.services.defaults);
    return {
      ...inputs,
      workload: { ...inputs.workload, dims: knownDimensions(inputs.workload.dims, model) },
    };
  }

  /** The inputs without what the model no longer has; the planner tells which layers it has. */
  private async rebased(model: ModelSummary): Promise<PlanInputs> {
    await this.loop.reset();
    const withoutPins = rebaseInputs(this.inputs, model, []);
    const step = await this.services.planner.configure(withoutPins);
    if (!step.ok) throw HeadroomError.fromValue(step.error);
    return rebaseInputs(this.inputs, model, step.value.layers);
  }

  private change(next: PlanInputs, label: string): void {
    const edit = this.log.change(next);
    if (edit) this.edited.fire({ document: this, label, ...edit });
  }

  private inputsChanged(): void {
    this.store.update({ inputs: this.inputs });
    this.questions.inputsChanged(this.inputs);
    this.replan();
  }

  private replan(): void {
    if (this.store.state.model && !this.openCancelled) this.loop.request(this.inputs);
  }
}
