import type { Job } from '../../base/job';
import { applyEdit, type PlanInputs } from '../../plan/planInputs';
import { isBatchDimension, sizesOf } from '../../step/dimensions';
import { sizeEdit } from './largestSize';
import type { Lever } from './levers';
import type { PlanningQuestion } from './planningQuestion';

/** Does a step fit with a lever on top of its inputs? */
type Fits = (inputs: PlanInputs) => Promise<boolean>;

/** A lever that must be searched for: how far it has to be pulled depends on what fits. */
export interface SizeLever {
  readonly family: string;
  /** The least intrusive position that fits; where none does, the one that needs least; undefined if there is none. */
  find(base: PlanInputs, fits: Fits, job: Job): Promise<Lever | undefined>;
}

export function sizeLevers(question: PlanningQuestion): SizeLever[] {
  const { dims, inputs } = question;
  const batch = dims.find(({ name }) => isBatchDimension(name));
  const lengths = dims.filter(({ name }) => !isBatchDimension(name));
  const isTraining = inputs.workload.mode === 'training';
  return [
    ...(batch && isTraining ? [microBatches(question, batch.name)] : []),
    ...[...(batch ? [batch] : []), ...lengths].map(({ name }) => smaller(question, name)),
  ];
}

/** The same batch in several passes whose gradients are summed. */
function microBatches(question: PlanningQuestion, dimension: string): SizeLever {
  const family = 'micro-batches';
  return {
    family,
    async find(base, fits, job) {
      const size = sizesOf(question.dims, base.workload).get(dimension)!;
      const leverOf = (passes: number): Lever => {
        const edit = sizeEdit(question.dims, base, dimension, size / passes);
        const microBatches = base.workload.microBatches * passes;
        const changes = edit.kind === 'workload' ? { ...edit.changes, microBatches } : {};
        const normalizes = question.normalizesOverBatch;
        return {
          family,
          id: family,
          label: `Accumulate gradients over ${microBatches} micro-batches of ${size / passes}`,
          note: normalizes
            ? 'Batch normalization sees smaller batches, which changes training.'
            : 'The same update, summed in another order.',
          effect: normalizes ? 'training' : 'rounding',
          edits: [{ kind: 'workload', changes }],
        };
      };
      const divisors = Array.from({ length: size - 1 }, (_, i) => i + 2).filter(
        (passes) => size % passes === 0,
      );
      for (const passes of divisors) {
        await job.checkpoint();
        if (await fits(leverOf(passes).edits.reduce(applyEdit, base))) return leverOf(passes);
      }
      return divisors.length > 0 ? leverOf(size) : undefined;
    },
  };
}

/** Less of a dimension: fewer samples a step, shorter sequences, smaller images. */
function smaller(question: PlanningQuestion, dimension: string): SizeLever {
  const family = `dim:${dimension}`;
  return {
    family,
    async find(base, fits, job) {
      const size = sizesOf(question.dims, base.workload).get(dimension)!;
      const isBatch = isBatchDimension(dimension);
      const unit = isBatch ? 1 : handyUnit(size);
      const leverOf = (to: number): Lever => ({
        family,
        id: family,
        label: `Reduce ${dimension} from ${size} to ${to}`,
        note: isBatch ? 'Fewer samples an update.' : 'The model is trained on something else.',
        effect: 'training',
        edits: [sizeEdit(question.dims, base, dimension, to)],
      });
      const takes = async (units: number): Promise<boolean> => {
        await job.checkpoint();
        const inputs = applyEdit(base, sizeEdit(question.dims, base, dimension, units * unit));
        return fits(inputs);
      };
      // Keeping everything needs more with every unit: bisection suffices, and the caller judges what is found.
      let low = 0;
      let high = Math.ceil(size / unit);
      if (high <= 1) return undefined;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (await takes(middle)) low = middle;
        else high = middle;
      }
      return leverOf(Math.max(1, low) * unit);
    },
  };
}

/** Sizes people choose: multiples of a power of two of about a sixteenth. */
const handyUnit = (size: number): number => 2 ** Math.max(0, Math.floor(Math.log2(size / 8)));
