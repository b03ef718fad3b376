import { toErrorValue } from '../../../planner-core/base/errors';
import { deviceCatalogue } from '../../../planner-core/devices/catalogue';
import { applyEdit, defaultPlanInputs, type PlanInputs } from '../../../planner-core/plan/planInputs';
import type { Frontier } from '../../../planner-core/planners/frontier';
import {
  protocolVersion,
  type HostToView,
  type ViewState,
  type ViewToHost,
} from '../../../planner-core/protocol/messages';
import { splitBetween } from '../../../planner-core/protocol/machineQuestions';
import type { ScaleAnswer, ScaleQuestion } from '../../../planner-core/session/machines/scaleModel';
import type { SplitAnswer, SplitQuestion } from '../../../planner-core/session/machines/splitModel';
import type { SizesAnswer, SizesQuestion } from '../../../planner-core/session/sizes/sizesModel';
import type { ModelSummary, PlanView, StepView } from '../../../planner-core/session/types';
import type { HostApi } from '../../../webview/state/connection';

/** What the host needs of a planner. */
export interface HarnessPlanner {
  summary(): Promise<ModelSummary>;
  configure(inputs: PlanInputs): Promise<StepView>;
  frontier(inputs: PlanInputs): Promise<Frontier>;
  plan(inputs: PlanInputs): Promise<PlanView>;
  split?(question: SplitQuestion): Promise<SplitAnswer>;
  scale?(question: ScaleQuestion): Promise<ScaleAnswer>;
  sizes?(question: SizesQuestion): Promise<SizesAnswer>;
}

/** Plays the extension host inside the page: answers the protocol, keeps an undo list, plans on the main thread. */
export class HarnessHost implements HostApi {
  /** Everything the view has sent, for tests. */
  readonly sent: ViewToHost[] = [];
  private revision = 1;
  private state: ViewState;
  private undoList: PlanInputs[] = [];
  private saved: unknown;
  private run = 0;

  constructor(
    private readonly planner: HarnessPlanner,
    inputs: Partial<PlanInputs>,
    private readonly overrides: Partial<ViewState> = {},
    private readonly page: EventTarget = window,
  ) {
    const { name, memoryBytes } =
      deviceCatalogue.find((device) => device.name === 'RTX 4090') ?? deviceCatalogue[0];
    this.state = {
      inputs: { ...defaultPlanInputs([{ id: 'gpu0', name, memoryBytes }]), ...inputs },
      deviceCatalogue: deviceCatalogue.map((device) => ({
        name: device.name,
        memoryBytes: device.memoryBytes,
      })),
      readOnly: false,
    };
  }

  postMessage(message: ViewToHost): void {
    this.sent.push(message);
    void this.handle(message);
  }

  getState(): unknown {
    return this.saved;
  }

  setState(state: unknown): void {
    this.saved = state;
  }

  private async handle(message: ViewToHost): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.state = {
          ...this.state,
          model: await this.planner.summary(),
          ...(await this.planned()),
          ...this.overrides,
        };
        this.tell({
          type: 'snapshot',
          protocol: protocolVersion,
          revision: this.revision,
          state: this.state,
        });
        return;
      case 'selection':
        return;
      case 'edit':
        this.undoList.push(this.state.inputs);
        await this.change(applyEdit(this.state.inputs, message.edit), message.request);
        return;
      case 'undo': {
        const inputs = this.undoList.pop();
        if (inputs) await this.change(inputs, message.request);
        return;
      }
      case 'ask-split': {
        const { inputs } = this.state;
        const { question } = message;
        const between = splitBetween(question, inputs);
        if (!between || !this.planner.split) return;
        const answer = await this.planner.split({ ...question, between, inputs });
        this.publish({ split: { run: ++this.run, question, inputs, answer } });
        return;
      }
      case 'ask-scale': {
        const { inputs } = this.state;
        const { question } = message;
        if (!this.planner.scale) return;
        const answer = await this.planner.scale({ ...question, inputs });
        this.publish({ scale: { run: ++this.run, question, inputs, answer } });
        return;
      }
      case 'ask-sizes': {
        const { inputs } = this.state;
        const { question } = message;
        if (!this.planner.sizes) return;
        const run = ++this.run;
        try {
          const answer = await this.planner.sizes({ ...question, inputs });
          this.publish({ sizes: { run, question, inputs, answer } });
        } catch (thrown) {
          this.publish({ sizes: { run, question, inputs, error: toErrorValue(thrown) } });
        }
        return;
      }
      case 'shown':
        return;
      default:
        this.tell({ type: 'reply', request: message.request, revision: this.revision });
    }
  }

  private publish(parts: Partial<ViewState>): void {
    this.state = { ...this.state, ...parts };
    this.tell({ type: 'update', revision: ++this.revision, parts, cleared: [] });
  }

  private async change(inputs: PlanInputs, request: number): Promise<void> {
    this.state = { ...this.state, inputs };
    this.revision++;
    this.tell({ type: 'update', revision: this.revision, parts: { inputs }, cleared: [] });
    this.tell({ type: 'reply', request, revision: this.revision });
    try {
      const parts = await this.planned();
      this.state = { ...this.state, ...parts };
      this.tell({ type: 'update', revision: ++this.revision, parts, cleared: ['error'] });
    } catch (thrown) {
      this.tell({
        type: 'update',
        revision: ++this.revision,
        parts: { error: toErrorValue(thrown) },
        cleared: [],
      });
    }
  }

  private async planned(): Promise<Partial<ViewState>> {
    const { inputs } = this.state;
    const step = await this.planner.configure(inputs);
    const frontier = await this.planner.frontier(inputs);
    return { step, frontier, plan: await this.planner.plan(inputs) };
  }

  private tell(message: HostToView): void {
    // A copy, as messages between host and view are.
    const data = structuredClone(message);
    queueMicrotask(() => this.page.dispatchEvent(new MessageEvent('message', { data })));
  }
}
