import { inferTensors, type TensorTable } from '../operators/inferTensors';
import type { ModelGraph } from '../graph/modelGraph';
import type { PlanInputs } from '../plan/planInputs';
import { PlanPools } from '../planners/planPools';
import { recognise, type RecognisedGraph } from '../recognition/recognise';
import { poolsKey } from './inputKeys';
import { planningProblem } from './planningProblem';
import { requireTakenSizes } from './requireTakenSizes';
import { buildStepState, stepKey, type StepState } from './stepState';

/** The steps of a model, and the plans of each: the last ones are kept for calls that follow with the same inputs. */
export class SessionSteps {
  readonly table: TensorTable;
  private state: { readonly key: string; readonly value: StepState } | undefined;
  private recognised: { readonly key: string; readonly value: RecognisedGraph } | undefined;
  private pools: { readonly key: string; readonly value: PlanPools } | undefined;

  constructor(private readonly graph: ModelGraph) {
    this.table = inferTensors(graph, {});
  }

  /** The step of these inputs, built anew and not kept; for searches, which judge themselves what the model does not take. */
  readonly build = (inputs: PlanInputs): StepState => buildStepState(this.recognisedFor(inputs), inputs);

  /** The step of these inputs, built anew and not kept. Throws 'bad-workload' for sizes that the model does not take. */
  readonly buildTaken = (inputs: PlanInputs): StepState => {
    const state = this.build(inputs);
    requireTakenSizes(state.graph, inputs.workload, state.built.step.diagnostics);
    return state;
  };

  /** The step of these inputs; kept. Throws 'bad-workload' for sizes that the model does not take. */
  stateOf(inputs: PlanInputs): StepState {
    const key = stepKey(inputs);
    if (this.state?.key !== key) this.state = { key, value: this.buildTaken(inputs) };
    return this.state.value;
  }

  /** The step of these inputs; the one that the next calls are about stays the one that is kept. */
  keptOrBuilt(inputs: PlanInputs): StepState {
    return this.state?.key === stepKey(inputs) ? this.state.value : this.build(inputs);
  }

  /** The model as the inputs read it; kept. */
  recognisedFor({ workload: { asExported } }: PlanInputs): RecognisedGraph {
    const key = JSON.stringify([...asExported].sort());
    if (this.recognised?.key !== key) {
      this.recognised = { key, value: recognise(this.graph, this.table.facts, asExported) };
    }
    return this.recognised.value;
  }

  /** Plans for all budgets; kept. */
  poolsOf(inputs: PlanInputs): PlanPools {
    const key = poolsKey(inputs);
    if (this.pools?.key !== key) {
      this.pools = { key, value: new PlanPools(planningProblem(this.stateOf(inputs), inputs)) };
    }
    return this.pools.value;
  }
}
