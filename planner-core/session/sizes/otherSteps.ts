import { groupedBy } from '../../base/groups';
import type { Job } from '../../base/job';
import { layerIndexOf } from '../../plan/layerIndex';
import type { Size, WeightedSize } from '../../plan/sizePlan';
import { BuiltModel } from '../../planners/input-sizes/builtModel';
import type { SizeBuilder } from '../../planners/input-sizes/builtSizes';
import { planSizes } from '../../planners/input-sizes/planSizes';
import type { SizedProblem } from '../../planners/input-sizes/sizedPlanning';
import { latticeOf } from '../../planners/input-sizes/sizeLattice';
import { structureText } from '../../planners/input-sizes/structure';
import type { RecognisedGraph } from '../../recognition/recognise';
import type { PlannedPart } from './plannedRows';

/**
 * Plans for sizes at which the step has other computations than at most sizes: a sequence or a batch of 1, which is broadcast. Sizes whose
 * steps are alike are planned together, each built. Throws 'cancelled' when the job is.
 */
export async function planOtherSteps(
  problem: SizedProblem,
  sizes: readonly WeightedSize[],
  { graph }: RecognisedGraph,
  build: SizeBuilder,
  mergePercent: number,
  job: Job,
): Promise<PlannedPart[]> {
  const groups = groupedBy(sizes, ({ size }) => structureText(build(size)));
  const parts: PlannedPart[] = [];
  for (const group of groups.values()) {
    await job.checkpoint();
    const alike = group.map(({ size }) => size);
    const model = new BuiltModel(alike, largest(alike), build);
    const own: SizedProblem = { ...problem, model, layers: layerIndexOf(graph.modules, model.template) };
    const planned = await planSizes(own, latticeOf(alike), group, mergePercent, {
      checkpoint: () => job.checkpoint(),
      progress: () => {},
    });
    parts.push({ problem: own, planned, isExactly: true });
  }
  return parts;
}

/** The one with the greatest product, which occurs: what is largest in each dimension may be of another step. */
const largest = (sizes: readonly Size[]): Size =>
  sizes.reduce((most, size) => (elements(size) > elements(most) ? size : most));

const elements = (size: Size): number => size.reduce((product, x) => product * x, 1);
