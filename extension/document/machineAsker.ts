import { l10n } from 'vscode';
import { HeadroomError, type ErrorValue } from '../../planner-core/base/errors';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import {
  splitBetween,
  type ScaleRequest,
  type ScaleState,
  type SplitRequest,
  type SplitState,
} from '../../planner-core/protocol/machineQuestions';
import type { ScaleAnswer } from '../../planner-core/session/machines/scaleModel';
import type { SplitAnswer } from '../../planner-core/session/machines/splitModel';
import type { PlannerHost } from '../planner/plannerHost';
import { QuestionAsker } from './questionAsker';

/** Asks about machines: where to cut the model between two devices, and how to train it on many servers. */
export class MachineAsker {
  private readonly splitAsker: QuestionAsker<SplitRequest, SplitAnswer>;
  private readonly scaleAsker: QuestionAsker<ScaleRequest, ScaleAnswer>;

  constructor(
    planner: Pick<PlannerHost, 'newJob' | 'cancel' | 'split' | 'scale'>,
    publish: (parts: { split: SplitState } | { scale: ScaleState }) => void,
  ) {
    this.splitAsker = new QuestionAsker<SplitRequest, SplitAnswer>(
      planner,
      async (question, inputs, job) => {
        const between = splitBetween(question, inputs);
        if (!between) return { ok: false, error: oneDevice() };
        return planner.split({ ...question, between, inputs }, job);
      },
      (split) => publish({ split }),
    );
    this.scaleAsker = new QuestionAsker<ScaleRequest, ScaleAnswer>(
      planner,
      (question, inputs, job, onProgress) => planner.scale({ ...question, inputs }, job, onProgress),
      (scale) => publish({ scale }),
    );
  }

  split(question: SplitRequest, inputs: PlanInputs): Promise<void> {
    return this.splitAsker.ask(question, inputs);
  }

  scale(question: ScaleRequest, inputs: PlanInputs): Promise<void> {
    return this.scaleAsker.ask(question, inputs);
  }

  async cancel(): Promise<void> {
    await Promise.all([this.splitAsker.cancel(), this.scaleAsker.cancel()]);
  }

  inputsChanged(inputs: PlanInputs): void {
    this.splitAsker.inputsChanged(inputs);
    this.scaleAsker.inputsChanged(inputs);
  }
}

const oneDevice = (): ErrorValue =>
  new HeadroomError(
    'bad-usage',
    l10n.t('The machine has one device.'),
    l10n.t('Add another one, and a link to it, under Machine.'),
  ).toValue();
