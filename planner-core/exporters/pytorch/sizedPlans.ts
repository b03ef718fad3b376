import type { LayerIndex } from '../../plan/layerIndex';
import type { Plan } from '../../plan/plan';
import type { Size } from '../../plan/sizePlan';
import type { ModelGraph } from '../../graph/modelGraph';
import type { StepGraph } from '../../step/stepGraph';
import type { NotCarried } from '../targets';
import { carriedPlan, type CarriedPlan } from './carriedPlan';

/** What a Python file does of plans for several sizes. */
export interface CarriedSizes {
  readonly dimensions: readonly string[];
  /** In the order in which they are tried. */
  readonly plans: readonly {
    readonly up_to: readonly Size[];
    readonly exactly?: boolean;
    readonly checkpoint: readonly Pick<CarriedPlan['checkpoints'][number], 'module' | 'save' | 'calls'>[];
  }[];
  readonly notCarried: readonly NotCarried[];
}

/** Finds what PyTorch's own means do of a plan's plans for several sizes; each is told apart by its checkpoints alone. */
export function carriedSizes(
  model: { readonly graph: ModelGraph; readonly step: StepGraph; readonly layers: LayerIndex },
  plan: Plan,
): CarriedSizes {
  const notes = new Map<string, NotCarried>();
  const plans = (plan.sizes?.plans ?? []).map(({ upTo, exactly, decisions, recomputations }) => {
    const carried = carriedPlan(model, { ...plan, decisions, recomputations });
    for (const note of carried.notCarried) notes.set(JSON.stringify(note), note);
    return {
      up_to: upTo,
      ...(exactly ? { exactly } : {}),
      checkpoint: carried.checkpoints.map(({ module, save, calls }) => ({ module, save, calls })),
    };
  });
  return { dimensions: plan.sizes?.dimensions ?? [], plans, notCarried: [...notes.values()] };
}
