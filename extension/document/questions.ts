import { HeadroomError } from '../../planner-core/base/errors';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { GoalsQuestion } from '../../planner-core/protocol/goals';
import type { ScaleRequest, SplitRequest } from '../../planner-core/protocol/machineQuestions';
import type { ModelSource } from '../../planner-core/protocol/plannerService';
import type { SizesRequest } from '../../planner-core/protocol/sizeQuestions';
import type { AllocatorSettings } from '../../planner-core/session/allocatorSettings';
import type { NamedText, SizesAnswer } from '../../planner-core/session/sizes/sizesModel';
import type { PlannerHost } from '../planner/plannerHost';
import { GoalAsker } from './goalAsker';
import { MachineAsker } from './machineAsker';
import { QuestionAsker } from './questionAsker';
import type { ViewStore } from './viewStore';

/** What questions are about: a document, as far as they want to know. */
export interface Subject {
  readonly store: ViewStore;
  readonly inputs: PlanInputs;
  /** Opens the model, if it is not open yet. */
  start(): Promise<void>;
  /** Runs a task after the edits that came before it. */
  inTurn<T>(task: () => Promise<T>): Promise<T>;
}

/**
 * What is asked about a model beside its plan. Answers become part of the state as they are found. A model that could not be opened
 * is asked nothing.
 */
export class Questions {
  private readonly goals: GoalAsker;
  private readonly machines: MachineAsker;
  private readonly sizes: QuestionAsker<SizesRequest, SizesAnswer>;

  constructor(
    private readonly subject: Subject,
    private readonly planner: PlannerHost,
    allocator?: AllocatorSettings,
  ) {
    const { store } = subject;
    this.goals = new GoalAsker(planner, (goals) => store.update({ goals }), allocator);
    this.machines = new MachineAsker(planner, (parts) => store.update(parts));
    this.sizes = new QuestionAsker(
      planner,
      (question, inputs, job, onProgress) => planner.sizes({ ...question, inputs }, job, onProgress),
      (sizes) => store.update({ sizes }),
    );
  }

  /** What fits? */
  askGoals(question: GoalsQuestion): Promise<void> {
    return this.whenOpen((inputs) => void this.goals.ask(question, inputs));
  }

  /** Where to cut the model between two devices? */
  askSplit(question: SplitRequest): Promise<void> {
    return this.whenOpen((inputs) => void this.machines.split(question, inputs));
  }

  /** How to train the model on many servers? */
  askScale(question: ScaleRequest): Promise<void> {
    return this.whenOpen((inputs) => void this.machines.scale(question, inputs));
  }

  /** Which plan for which size of the inputs? */
  askSizes(question: SizesRequest): Promise<void> {
    return this.whenOpen((inputs) => void this.sizes.ask(question, inputs));
  }

  /** Asks for sizes if there are any to ask about, else shows the question as far as it goes. */
  showSizes(question: SizesRequest): Promise<void> {
    return this.whenOpen((inputs) => {
      if (question.sizes || inputs.sizes) void this.sizes.ask(question, inputs);
      else this.sizes.show(question, inputs);
    });
  }

  /** A trace of steps of several sizes as a table of its layers. Throws what the planner reports. */
  sizeTable(file: ModelSource): Promise<NamedText> {
    return this.subject.inTurn(async () => {
      const table = await this.planner.sizeTable(this.subject.inputs, file, this.planner.newJob());
      if (!table.ok) throw HeadroomError.fromValue(table.error);
      return table.value;
    });
  }

  /** Ends all questions; what is answered stays. */
  async stop(): Promise<void> {
    await Promise.all([this.goals.cancel(), this.machines.cancel(), this.sizes.cancel()]);
  }

  /** Call when the inputs have changed: questions about others end. */
  inputsChanged(inputs: PlanInputs): void {
    for (const asker of [this.goals, this.machines, this.sizes]) asker.inputsChanged(inputs);
  }

  private async whenOpen(ask: (inputs: PlanInputs) => void): Promise<void> {
    await this.subject.start();
    if (this.subject.store.state.model) ask(this.subject.inputs);
  }
}
