import { HeadroomError } from '../../base/errors';
import { deviceNamed } from '../../devices/catalogue';
import { applyEdit, type Edit, type PlanInputs } from '../../plan/planInputs';
import type { FreeDimension } from '../../step/dimensions';
import type { AllocatorSettings } from '../allocatorSettings';
import type { StepState } from '../stepState';
import { Fitter, type Fit, type FitStep } from './fitter';
import type { GoalQuestion } from './goal';

/** A goal with what its answer is found from. */
export class PlanningQuestion {
  /** The inputs on the device asked about. */
  readonly inputs: PlanInputs;
  readonly fitter: Fitter;
  private readonly deviceEdits: readonly Edit[];
  private firstStep: FitStep | undefined;

  /** Throws 'unknown-device', and 'bad-usage' for a memory or an overhead that is no number. */
  constructor(
    readonly question: GoalQuestion,
    readonly dims: readonly FreeDimension[],
    build: (inputs: PlanInputs) => StepState,
    allocator: AllocatorSettings,
  ) {
    this.deviceEdits = deviceEdits(question);
    this.inputs = this.deviceEdits.reduce(applyEdit, question.inputs);
    const memoryBytes = question.memoryBytes ?? this.inputs.devices[0].memoryBytes;
    if (!(memoryBytes > 0) || !(question.maxOverheadPercent >= 0)) {
      throw new HeadroomError(
        'bad-usage',
        'The memory must be more than nothing, and the overhead at least 0 %.',
        'Give a size such as 24 GiB and a percentage such as 10.',
      );
    }
    this.fitter = new Fitter(build, allocator, memoryBytes);
  }

  /** The step asked about. */
  get start(): FitStep {
    return (this.firstStep ??= this.fitter.step(this.inputs));
  }

  step(inputs: PlanInputs): FitStep {
    return this.fitter.step(inputs);
  }

  /** Does a layer of the model mix the samples of a batch? */
  get normalizesOverBatch(): boolean {
    const { workload } = this.inputs;
    const { operators } = this.start.state.graph;
    return workload.mode === 'training' && operators.some(({ type }) => type === 'BatchNormalization');
  }

  /**
   * The budget under which planning gives what was found to fit. undefined where that is what a plan for all of the
   * device finds by itself.
   */
  budgetFor({ isKept, budgetBytes }: Pick<Fit, 'isKept' | 'budgetBytes'>): number | undefined {
    const { memoryBytes } = this.fitter;
    if (memoryBytes === this.inputs.devices[0].memoryBytes) return undefined;
    return isKept ? memoryBytes : budgetBytes;
  }

  /** The one change that leads from the inputs asked about to `edits` under a budget. */
  edit(label: string, edits: readonly Edit[], budgetBytes: number | undefined): Edit {
    const isSame = edits.reduce(applyEdit, this.inputs).budgetBytes === budgetBytes;
    const budget: Edit[] = isSame ? [] : [{ kind: 'budget', budgetBytes }];
    return { kind: 'several', label, edits: [...this.deviceEdits, ...edits, ...budget] };
  }
}

function deviceEdits({ device: name, inputs }: GoalQuestion): Edit[] {
  if (name === undefined || name === inputs.devices[0].name) return [];
  const [first, ...others] = inputs.devices;
  const spec = deviceNamed(name);
  return [
    {
      kind: 'devices',
      devices: [{ id: first.id, name: spec.name, memoryBytes: spec.memoryBytes }, ...others],
    },
  ];
}
