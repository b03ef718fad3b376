import type { PlanInputs } from '../../../../planner-core/plan/planInputs';
import type { Recognition } from '../../../../planner-core/recognition/recognise';
import type { StepView } from '../../../../planner-core/session/types';
import { SyntheticPlanner } from '../../../bench/webviewHarness/syntheticPlanner';

/** A planner whose made-up operators were read from pieces, unless the inputs say to take them as exported. */
export class RecognisingPlanner extends SyntheticPlanner {
  constructor() {
    super(4, 48, ['gpu0']);
  }

  override async configure(inputs?: PlanInputs): Promise<StepView> {
    const view = await super.configure();
    const off = new Set(inputs?.workload.asExported);
    const recognitions = readings(view).filter(
      ({ pattern, operator }) => !off.has(pattern) && !off.has(operator),
    );
    return { ...view, recognitions };
  }
}

/** Every Gelu of five pieces, and a bias put back to every MatMul. */
function readings({ layers }: StepView): Recognition[] {
  return layers.flatMap(({ kind, type, name }): Recognition[] => {
    if (kind !== 'operator') return [];
    if (type === 'Gelu') {
      const pieces = ['Div', 'Erf', 'Add', 'Mul', 'Mul_1'].map((piece) => `${name}/${piece}`);
      return [
        { pattern: 'gelu', readAs: 'torch.nn.functional.gelu', operator: name, pieces, by: 'metadata' },
      ];
    }
    if (type !== 'MatMul') return [];
    const readAs = `own parameter ${name}.bias`;
    return [{ pattern: 'lost-parameters', readAs, operator: name, pieces: [name], by: 'structure' }];
  });
}
