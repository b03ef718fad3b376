import { l10n } from 'vscode';
import { assertNever } from '../../planner-core/base/assertNever';
import { HeadroomError, toErrorValue, type ErrorValue } from '../../planner-core/base/errors';
import type { ExportTarget, PictureTarget } from '../../planner-core/exporters/targets';
import type { SourceLine } from '../../planner-core/graph/sourceLine';
import type { Edit, Target } from '../../planner-core/plan/planInputs';
import type { ComparisonForm, PlanSource } from '../../planner-core/protocol/comparedPlan';
import type { GoalsQuestion } from '../../planner-core/protocol/goals';
import type { ScaleRequest, SplitRequest } from '../../planner-core/protocol/machineQuestions';
import {
  protocolVersion,
  type HostToView,
  type ViewState,
  type ViewToHost,
} from '../../planner-core/protocol/messages';
import type { ShownForm, ShownThings } from '../../planner-core/protocol/shownThings';
import type { SizesFileRole, SizesRequest } from '../../planner-core/protocol/sizeQuestions';
import type { ViewStore } from '../document/viewStore';

/** What a view can ask for. A rejected promise becomes the error of the reply. */
export interface ViewActions {
  edit(edit: Edit): Promise<void>;
  undo(): Promise<void>;
  redo(): Promise<void>;
  save(): Promise<void>;
  export(target: ExportTarget): Promise<void>;
  /** The picture as SVG text, with the end of the name a PNG of it should have. */
  picture(target: PictureTarget): Promise<{ readonly svg: string; readonly suffix: string }>;
  /** What the view has made, to a file whose name ends in `suffix`. */
  saveFile(suffix: string, bytes: Uint8Array): Promise<void>;
  cancel(): Promise<void>;
  ask(question: GoalsQuestion): Promise<void>;
  askSplit(question: SplitRequest): Promise<void>;
  askScale(question: ScaleRequest): Promise<void>;
  askSizes(question: SizesRequest): Promise<void>;
  chooseSizesFile(role: SizesFileRole, question: SizesRequest): Promise<void>;
  stopAsking(): Promise<void>;
  compareWith(source: PlanSource): Promise<void>;
  showComparison(form: ComparisonForm): Promise<void>;
  openSource(source: SourceLine): Promise<void>;
  saveMachine(): Promise<void>;
  reload(): Promise<void>;
  resolveStalePlan(action: 'keep' | 'rebase' | 'discard'): Promise<void>;
  showLog(): Promise<void>;
  /** The layers that commands of the palette apply to. */
  select(targets: readonly Target[]): void;
}

type Request = Exclude<ViewToHost, { type: 'ready' | 'selection' | 'shown' }>;

/**
 * The host's end of the protocol with one webview. Updates are sent from the first 'ready' on; a webview that was
 * hidden lost what was sent meanwhile and asks again.
 */
export class ViewConnection {
  private ready = false;
  private incompatible?: ErrorValue;
  private readonly waitingForShown: ((things: ShownThings) => void)[] = [];
  private readonly unsubscribe: () => void;

  constructor(
    private readonly store: ViewStore,
    private readonly actions: ViewActions,
    private readonly post: (message: HostToView) => void,
    private readonly onError: (error: ErrorValue) => void,
  ) {
    this.unsubscribe = store.subscribe((update) => {
      if (this.ready && !this.incompatible) this.post({ type: 'update', ...update });
    });
  }

  /** Handles one message; never rejects. Every request is answered, also when it fails or is unknown. */
  async receive(message: ViewToHost): Promise<void> {
    if (message.type === 'ready') return this.greet(message.protocol);
    if (message.type === 'selection') return this.actions.select(message.targets);
    if (message.type === 'shown') return this.waitingForShown.shift()?.(message.things);
    const error = await this.perform(message);
    if (error) this.onError(error);
    this.post({ type: 'reply', request: message.request, revision: this.store.revision, error });
  }

  /** What is on screen, to be saved as it is; nothing while the view is not there yet. */
  async listShown(): Promise<ShownThings> {
    if (!this.ready || this.incompatible) return { pictures: [], tables: [] };
    return new Promise((resolve) => {
      this.waitingForShown.push(resolve);
      this.post({ type: 'list-shown' });
    });
  }

  /** Has the view save something that it listed. */
  saveShown(name: string, form: ShownForm): void {
    this.post({ type: 'save-shown', name, form });
  }

  /** Has the view draw a picture as pixels and save it. */
  async savePixels(target: PictureTarget): Promise<void> {
    this.post({ type: 'picture', ...(await this.actions.picture(target)) });
  }

  dispose(): void {
    this.unsubscribe();
  }

  private greet(protocol: number): void {
    this.ready = true;
    this.incompatible = protocol === protocolVersion ? undefined : differentVersions();
    const state: ViewState = this.incompatible
      ? { ...this.store.state, error: this.incompatible }
      : this.store.state;
    this.post({ type: 'snapshot', protocol: protocolVersion, revision: this.store.revision, state });
  }

  private async perform(request: Request): Promise<ErrorValue | undefined> {
    if (this.incompatible) return this.incompatible;
    try {
      await this.dispatch(request);
      return undefined;
    } catch (thrown) {
      return toErrorValue(thrown);
    }
  }

  private dispatch(request: Request): Promise<void> {
    switch (request.type) {
      case 'edit':
        return this.actions.edit(request.edit);
      case 'undo':
        return this.actions.undo();
      case 'redo':
        return this.actions.redo();
      case 'save':
        return this.actions.save();
      case 'export':
        return this.actions.export(request.target);
      case 'picture':
        return this.savePixels(request.target);
      case 'save-file':
        return this.actions.saveFile(request.suffix, request.bytes);
      case 'cancel':
        return this.actions.cancel();
      case 'ask':
        return this.actions.ask(request.question);
      case 'ask-split':
        return this.actions.askSplit(request.question);
      case 'ask-scale':
        return this.actions.askScale(request.question);
      case 'ask-sizes':
        return this.actions.askSizes(request.question);
      case 'choose-sizes-file':
        return this.actions.chooseSizesFile(request.role, request.question);
      case 'stop-asking':
        return this.actions.stopAsking();
      case 'compare-with':
        return this.actions.compareWith(request.source);
      case 'show-comparison':
        return this.actions.showComparison(request.form);
      case 'open-source':
        return this.actions.openSource(request.source);
      case 'save-machine':
        return this.actions.saveMachine();
      case 'reload':
        return this.actions.reload();
      case 'stale-plan':
        return this.actions.resolveStalePlan(request.action);
      case 'show-log':
        return this.actions.showLog();
      default:
        return assertNever(request);
    }
  }
}

const differentVersions = (): ErrorValue =>
  new HeadroomError(
    'internal',
    l10n.t('The view and the extension are of different versions.'),
    l10n.t('Reload the window.'),
  ).toValue();
