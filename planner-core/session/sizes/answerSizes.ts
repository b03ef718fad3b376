import type { Diagnostic } from '../../base/diagnostic';
import { HeadroomError } from '../../base/errors';
import { formatMemory, formatPercent } from '../../base/format';
import type { Job } from '../../base/job';
import { eachDevice } from '../../devices/machine';
import { uncalibrated } from '../../devices/roofline';
import { layerIndexOf } from '../../plan/layerIndex';
import type { PlanInputs } from '../../plan/planInputs';
import { defaultMergePercent, type FittedDimension, type Size, type SizePlan } from '../../plan/sizePlan';
import { PlanningContext } from '../../planners/context';
import type { SizeBuilder } from '../../planners/input-sizes/builtSizes';
import { fitDimensions } from '../../planners/input-sizes/fittedDimensions';
import { findModel } from '../../planners/input-sizes/findModel';
import { planSizes, type PlannedSizes } from '../../planners/input-sizes/planSizes';
import { readSizes, type SizedDimensions } from '../../planners/input-sizes/readSizes';
import {
  badSizes,
  distributionOf,
  percentilesOf,
  totalWeight,
  type SizeDistribution,
} from '../../planners/input-sizes/sizeDistribution';
import type { SizedProblem } from '../../planners/input-sizes/sizedPlanning';
import type { SizeLattice } from '../../planners/input-sizes/sizeLattice';
import { compareSizes, sizeKey } from '../../planners/input-sizes/sizeLattice';
import type { RecognisedGraph } from '../../recognition/recognise';
import { boundDimensions } from '../../step/dimensions';
import { runsOfNode } from '../../step/accumulation';
import { offloadMeansOf } from '../offload/offloadMeansOf';
import { builtStepOf, stepDevice } from '../stepState';
import { compareWith, type Clock } from './comparison';
import { measuredSamples } from './measuredSamples';
import { fittedPredictor } from './fittedPredictor';
import { peakPieces } from './peakPieces';
import { planOtherSteps } from './otherSteps';
import { leastBytes, pointsOf, rowsOf, sizedPlansOf, type PlannedPart } from './plannedRows';
import type { SizesAnswer, SizesQuestion } from './sizesModel';
import { sizesSummary } from './sizesSummary';
import { withSizes } from './withSizes';

const shownPercents = [50, 75, 90, 95, 99, 100];

/** What a question about sizes is worked out with. */
export interface SizesContext {
  readonly recognised: RecognisedGraph;
  readonly dimensions: SizedDimensions;
  /** Milliseconds, to measure how long planning takes; nothing else depends on it. */
  readonly clock?: Clock;
}

/**
 * Which plan for which size. Throws 'bad-sizes' for sizes that make no sense or that the model does not take, 'bad-usage' for several
 * devices, and for offloading by hand, 'infeasible' when no size fits, 'cancelled' when the job is.
 */
export async function answerSizes(
  question: SizesQuestion,
  context: SizesContext,
  job: Job,
): Promise<SizesAnswer> {
  const { inputs, mergePercent = inputs.sizes?.mergePercent ?? defaultMergePercent } = question;
  if (!(mergePercent >= 0 && mergePercent <= 100))
    throw new HeadroomError('bad-usage', `${mergePercent} % is no tolerance.`, 'Give 0 to 100.');
  const distribution = distributionFor(question, context.dimensions);
  const { dimensions, sizes } = distribution;
  const { bindings } = boundDimensions(context.recognised.graph, inputs.workload);
  const dependent = context.dimensions.dependent ?? [];
  const fixed = Object.fromEntries(
    context.dimensions.names
      .filter((name) => !dimensions.includes(name))
      .map((name) => [name, bindings[name]]),
  );
  const fitted = fitDimensions([
    ...(distribution.samples ?? []),
    ...measuredSamples(question.measurements ?? [], dimensions, dependent, fixed),
  ]);
  const inputsAt = (size: Size): PlanInputs => withSizes(inputs, dimensions, size, fitted);
  const build: SizeBuilder = (size) => builtStepOf(context.recognised, inputsAt(size), true);
  const { problem, lattice } = sizedProblem(inputs, distribution, build, context.recognised);
  await job.checkpoint();
  const { model, budgetBytes } = problem;
  const regular = sizes.filter(({ size }) => model.hasTemplate(size));
  const odd = sizes.filter(({ size }) => !model.hasTemplate(size));
  const planned = await planSizes(problem, lattice, regular, mergePercent, {
    checkpoint: () => job.checkpoint(),
    progress: (fraction) => job.progress(0.7 * fraction),
  });
  if (planned.rows.length === 0) throw nothingFits(problem, planned, dimensions);
  const shares = new Map(
    sizes.map(({ size, weight }) => [sizeKey(size), weight / totalWeight(distribution)]),
  );
  const shareOf = (size: Size): number => shares.get(sizeKey(size)) ?? 0;
  const rowContext = { recognised: context.recognised, inputsAt, shareOf, isFitted: fitted.length > 0 };
  const part: PlannedPart = { problem, planned, isExactly: false };
  const others = await planOtherSteps(problem, odd, context.recognised, build, mergePercent, job);
  job.progress(0.8);
  const parts = [part, ...others];
  const rowsOfPart = parts.map((each) => rowsOf(each, rowContext));
  const shownRows = rowsOfPart.flat();
  const plansOfPart = parts.map((each, i) => sizedPlansOf(each, rowsOfPart[i], rowContext));
  // A plan for some sizes only comes before those for all that are no larger.
  const plans: SizePlan['plans'] = [...plansOfPart.slice(1), plansOfPart[0]].flat();
  const points = parts
    .flatMap((each, i) => pointsOf(each, rowContext, rowsOfPart.slice(0, i).flat().length))
    .sort((x, y) => compareSizes(x.size, y.size));
  const comparison = await compareWith(
    {
      problem,
      planned,
      distribution: { ...distribution, sizes: regular },
      compare: question.compare ?? true,
    },
    job,
    context.clock,
  );
  const unplanned = points
    .filter(({ planned: plan, share }) => !plan && share > 0)
    .map(({ size, share }) => ({
      size,
      share,
      leastBytes: leastBytes(parts, size),
    }));
  const isLine = dimensions.length === 1;
  const fits = fitted.length > 0 ? { fitted } : {};
  const oddSizes = odd.map(({ size }) => size);
  const known = new Set([...Object.keys(bindings), ...fitted.map(({ dimension }) => dimension)]);
  const unknown = dependent.filter((name) => !known.has(name));
  const notes = [
    ...dataNotes(fitted, unknown, dimensions),
    ...notesOf(oddSizes, model.kind, comparison[0].hitRate !== undefined, inputs),
  ];
  return {
    dimensions,
    budgetBytes,
    batches: distribution.trace?.length ?? 0,
    points,
    percentiles: isLine ? percentilesOf(distribution, shownPercents) : [],
    pieces: isLine ? peakPieces(problem, regular) : [],
    rows: shownRows,
    summary: sizesSummary(dimensions, rowsOfPart[0], unplanned[0]?.size),
    unplanned,
    comparison,
    ...(question.measurements?.length
      ? { predictor: fittedPredictor(question.measurements, dimensions, fixed, problem, sizes) }
      : {}),
    exactness: { kind: model.kind, checkedSizes: model.checkedSizes, ...fits },
    notes,
    edit: { kind: 'sizes', sizes: { dimensions, sizes, mergePercent, ...fits, plans } },
  };
}

function distributionFor(
  { sizes, dimensions, inputs }: SizesQuestion,
  model: SizedDimensions,
): SizeDistribution {
  if (sizes) return readSizes(sizes.text, model, dimensions);
  if (!inputs.sizes) throw badSizes('There are no sizes.', 'Write some, e.g. 128:0.3 256:0.5.');
  const written = inputs.sizes.sizes.map(({ size, weight }, i) => ({ size, weight, line: i + 1 }));
  return distributionOf(inputs.sizes.dimensions, written, false, model.ranges);
}

function sizedProblem(
  inputs: PlanInputs,
  { dimensions, sizes }: SizeDistribution,
  build: SizeBuilder,
  recognised: RecognisedGraph,
): { problem: SizedProblem; lattice: SizeLattice } {
  if (eachDevice(inputs.devices).length > 1 || (inputs.objective ?? 'fit') !== 'fit')
    throw new HeadroomError(
      'bad-usage',
      'Plans for several sizes are made for one device.',
      'Take the others away.',
    );
  const { workload, devices, strategy, pins } = inputs;
  const { spec, timing } = stepDevice(devices[0], inputs);
  const asked = sizes.map(({ size }) => size);
  // In between there may be sizes that a model does not take, which nobody asked for.
  const ends = dimensions
    .map((_, axis) => [...asked].sort((a, b) => a[axis] - b[axis]))
    .flatMap((by) => [by[0], by[by.length - 1]]);
  for (const size of new Map(ends.map((size) => [sizeKey(size), size])).values())
    requireTaken(build(size).step.diagnostics, dimensions, size);
  const { model, lattice } = findModel(asked, build, timing ?? uncalibrated(spec), (step) =>
    Uint16Array.from({ length: step.nodeCount }, (_, node) => runsOfNode(step, node, workload.microBatches)),
  );
  const layers = layerIndexOf(recognised.graph.modules, model.template);
  if (!new PlanningContext({ step: model.template, layers, pins }).isSingleDevice)
    throw new HeadroomError(
      'bad-usage',
      'Plans for several sizes choose what leaves themselves, on one device; these inputs offload by hand, place layers or use reentrant checkpoints.',
      'Take that back first.',
    );
  const budgetBytes = inputs.budgetBytes ?? devices[0].memoryBytes;
  const offload = inputs.offload && {
    memoryBytes: inputs.offload.memoryBytes ?? Infinity,
    stateStays: true,
    // Steps of other sizes have the same calls.
    meansOf: offloadMeansOf({ graph: recognised.graph, step: model.template, layers }),
  };
  return {
    problem: { model, layers, pins, strategy, budgetBytes, ...(offload ? { offload } : {}) },
    lattice,
  };
}

/** Throws 'bad-sizes' for a size that the model's shapes do not allow. */
function requireTaken(diagnostics: readonly Diagnostic[], dimensions: readonly string[], size: Size): void {
  const mismatch = diagnostics.find(({ code }) => code === 'shape-mismatch');
  if (!mismatch) return;
  throw badSizes(
    `The model does not take ${dimensions.join(' × ')} ${size.join(' × ')}: ${mismatch.message}`,
    'Leave this size out.',
  );
}

function nothingFits(
  { budgetBytes }: SizedProblem,
  { candidates, costs }: PlannedSizes,
  dimensions: readonly string[],
): HeadroomError {
  const [smallest] = costs.sizes;
  const least = Math.min(...candidates.map(({ peaks }) => peaks.at(smallest)));
  return new HeadroomError(
    'infeasible',
    `No size fits ${formatMemory(budgetBytes)}: the least found for ${dimensions.join(' × ')} ${smallest.join(' × ')} is ${formatMemory(least)}.`,
    'Raise the budget, or leave large sizes out.',
  );
}

/** What rests on data: how far off it may be, and what is missing. */
function dataNotes(
  fitted: readonly FittedDimension[],
  unknown: readonly string[],
  dimensions: readonly string[],
): string[] {
  return [
    ...fitted.map(
      ({ dimension, sizes, errorPercent }) =>
        `${dimension} depends on data: fitted from ${sizes} sizes, off by at most ${formatPercent(errorPercent)} there and never below. Bytes, times and plans are no better than this fit.`,
    ),
    ...(unknown.length > 0
      ? [
          `${unknown.join(', ')} ${unknown.length === 1 ? 'depends' : 'depend'} on data, and what is made of such sizes is not counted. Give them beside ${dimensions.join(' and ')}, a column each in the table of sizes.`,
        ]
      : []),
  ];
}

function notesOf(
  odd: readonly Size[],
  kind: 'polynomial' | 'built',
  isHitRateKnown: boolean,
  { offload }: PlanInputs,
): string[] {
  const notes: [boolean, string][] = [
    [
      odd.length > 0,
      `At ${odd.map((size) => size.join('×')).join(', ')} the step has other computations: it was built and planned by itself, and has a plan of its own.`,
    ],
    [
      kind === 'built',
      'What the step does changes from size to size: each size was built, and plans hold for these sizes only.',
    ],
    [!isHitRateKnown, 'How many batches there are is not known, nor how often their plan was there.'],
    [
      offload !== undefined,
      'Parameters, gradients and optimizer state stay on the device: the next batch may have another plan, and has to find them there.',
    ],
  ];
  return notes.filter(([holds]) => holds).map(([, note]) => note);
}
