import type { ModelGraph } from '../graph/modelGraph';
import type { BuiltStep } from './buildStep';
import { withEagerLiveness } from './eagerLiveness';
import { withInPlaceActivations } from './inPlace';
import type { Workload } from './workload';

/**
 * What only a forward pass without gradients does: results overwrite inputs (a traced program says itself which do), and Python references keep tensors alive.
 * (With gradients, autograd holds more than either.) On several devices references are left out: a module split between
 * devices gets copies of its arguments where it needs them.
 */
export function asInferenceRuns(graph: ModelGraph, workload: Workload, built: BuiltStep): BuiltStep {
  let { step, storage } = built;
  const { records } = built;
  if (workload.inPlace === 'activations' && !graph.isTraced) {
    const merged = withInPlaceActivations(step, graph, records);
    step = merged.step;
    storage = storage.map((value) => (value < 0 ? value : merged.mergedInto[value]));
  }
  if (workload.liveness === 'eager' && step.devices.length === 1) {
    step = withEagerLiveness(step, graph, records);
  }
  return { ...built, step, storage };
}
