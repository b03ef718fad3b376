import { nameHint } from '../../base/didYouMean';
import { HeadroomError } from '../../base/errors';
import type { Job } from '../../base/job';
import { applyEdit, type Edit, type PlanInputs } from '../../plan/planInputs';
import { isBatchDimension, resized, sizesOf, type FreeDimension } from '../../step/dimensions';
import type { LargestSize, SizeProbe } from './goal';
import type { Fit, FitStep } from './fitter';
import type { PlanningQuestion } from './planningQuestion';
import { samplesOf } from './samples';
import { largestFitting } from './sizeSearch';

/** No larger size is tried: what fits then has no limit that matters. */
const largestTried = 2 ** 20;
/** Powers of two tried as granularity. */
const coarsest = 64;

/** The edit that gives a dimension a size. */
export const sizeEdit = (
  dimensions: readonly FreeDimension[],
  { workload }: PlanInputs,
  dimension: string,
  size: number,
): Edit => ({
  kind: 'workload',
  changes: { dims: resized(dimensions, workload.dims, dimension, size) },
});

/**
 * The largest size of a named dimension whose step fits the memory with a fast enough plan. Tried sizes are refused by
 * proofs where they can be; see `largestFitting` for what is certain. Throws 'bad-usage' for a dimension that the model
 * does not have, 'cancelled' when the job is.
 */
export async function largestSize(question: PlanningQuestion, job: Job): Promise<LargestSize> {
  const { dims, inputs, question: asked } = question;
  const dimension = dimensionOf(dims, asked.dimension);
  const currentSize = sizesOf(dims, inputs.workload).get(dimension)!;
  const granularity = granularityOf(question, inputs, dimension, currentSize);
  const probes = new Map<number, { readonly probe: SizeProbe; readonly fit: Fit }>();
  const probe = async (size: number): Promise<SizeProbe> => {
    const known = probes.get(size);
    if (known) return known.probe;
    const sized = applyEdit(inputs, sizeEdit(question.dims, inputs, dimension, size));
    const step = question.step(sized);
    const fit = impossible(step) ?? (await step.fit(asked.maxOverheadPercent, job));
    // How many are needed is not known before: each one halves what is left.
    job.progress(1 - 0.85 ** (probes.size + 1));
    const made = sizeProbe(size, fit, samplesOf(dims, sized));
    probes.set(size, { probe: made, fit });
    return made;
  };
  const size = await largestFitting(
    async (tried) => (await probe(tried)).verdict === 'fits',
    currentSize,
    granularity,
    largestTried,
  );
  const withEdit = (found: SizeProbe): SizeProbe & { edit: Edit } => {
    const { fit } = probes.get(found.size)!;
    const budgetBytes = question.budgetFor(fit);
    const edits = [sizeEdit(dims, inputs, dimension, found.size)];
    return { ...found, edit: question.edit(`${dimension} ${found.size}`, edits, budgetBytes) };
  };
  const tried = [...probes.values()].map((entry) => entry.probe).sort((a, b) => a.size - b.size);
  const isBatch = isBatchDimension(dimension);
  const largest = probes.get(size)?.probe;
  const fitting = tried.filter(({ verdict }) => verdict === 'fits');
  const fastest = fitting.reduce<SizeProbe | undefined>(
    (best, other) => (best && best.samplesPerSecond >= other.samplesPerSecond ? best : other),
    undefined,
  );
  return {
    goal: 'largest-size',
    dimension,
    isBatch,
    granularity,
    currentSize,
    largest: largest && withEdit(largest),
    next: probes.get(size + granularity)?.probe,
    fastest: isBatch && fastest ? withEdit(fastest) : undefined,
    probes: tried,
  };
}

/** Why a step cannot be built at its sizes; undefined when it can. */
function impossible(step: FitStep): Fit | undefined {
  const { mismatch } = step;
  return mismatch === undefined
    ? undefined
    : {
        ...{
          peakBytes: 0,
          toleranceBytes: 0,
          stepTimeMs: 0,
          overheadPercent: 0,
          budgetBytes: 0,
          isKept: false,
        },
        ...{ verdict: 'impossible', proven: true, reason: mismatch },
      };
}

function sizeProbe(size: number, fit: Fit, samples: number): SizeProbe {
  const { verdict, proven, reason, peakBytes, totalBytes, toleranceBytes, stepTimeMs, overheadPercent } = fit;
  return {
    size,
    verdict,
    proven,
    reason,
    peakBytes,
    totalBytes,
    toleranceBytes,
    stepTimeMs,
    overheadPercent,
    samplesPerSecond: stepTimeMs > 0 ? (1000 * samples) / stepTimeMs : 0,
  };
}

function dimensionOf(dims: readonly FreeDimension[], wanted: string | undefined): string {
  const found =
    wanted === undefined
      ? (dims.find(({ name }) => isBatchDimension(name)) ?? dims.at(0))
      : dims.find(({ name }) => name === wanted);
  if (found) return found.name;
  const names = dims.map(({ name }) => name);
  throw new HeadroomError(
    'bad-usage',
    wanted === undefined
      ? 'The model has no named dimension that could grow.'
      : `The model has no dimension "${wanted}".`,
    names.length > 0
      ? nameHint(wanted ?? '', names, `Dimensions: ${names.join(', ')}.`)
      : 'Export it with dynamic axes.',
  );
}

/** The least power of two whose multiples around the current size the model takes; 1 when it takes none, too. */
function granularityOf(
  question: PlanningQuestion,
  inputs: PlanInputs,
  dimension: string,
  currentSize: number,
): number {
  if (isBatchDimension(dimension)) return 1;
  const takes = (size: number): boolean =>
    question.step(applyEdit(inputs, sizeEdit(question.dims, inputs, dimension, size))).mismatch === undefined;
  for (let unit = 1; unit <= coarsest; unit *= 2) {
    const below = Math.floor((currentSize - 1) / unit) * unit;
    // The next size may be more than a model takes at all: the one below tells as well.
    if (below > 0 && takes(below)) return unit;
  }
  return 1;
}
