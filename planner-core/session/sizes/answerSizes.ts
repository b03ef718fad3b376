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
import { decisionsOf } from '../../planners/decisionsOf';
import { fitDimensions } from '../../planners/input-sizes/fittedDimensions';
import { findModel } from '../../planners/input-sizes/findModel';
import { planSizes, type PlannedSizes } from '../../planners/input-sizes/planSizes';
import { largestOf, type TableRow } from '../../planners/input-sizes/planTable';
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
import { sizeKey } from '../../planners/input-sizes/sizeLattice';
import type { RecognisedGraph } from '../../recognition/recognise';
import { boundDimensions } from '../../step/dimensions';
import { runsOfNode } from '../../step/accumulation';
import { builtStepOf, stepDevice } from '../stepState';
import { compareWith, type Clock } from './comparison';
import { measuredSamples } from './measuredSamples';
import { fittedPredictor } from './fittedPredictor';
import { peakPieces } from './peakPieces';
import type { SizePoint, SizeRow, SizesAnswer, SizesQuestion } from './sizesModel';
import { sizesSummary } from './sizesSummary';
import { namedRepeats, verified } from './verifiedRow';
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
 * devices and offloading, 'infeasible' when no size fits, 'cancelled' when the job is.
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
  const { bindings } = boundDimensions(context.recognised.graph, inputs.workload.dims);
  const dependent = context.dimensions.dependent ?? [];
  const fixed = Object.fromEntries(
    Object.entries(bindings).filter(([name]) => !dimensions.includes(name) && !dependent.includes(name)),
  );
  const fitted = fitDimensions([
    ...(distribution.samples ?? []),
    ...measuredSamples(question.measurements ?? [], dimensions, dependent, fixed),
  ]);
  const inputsAt = (size: Size): PlanInputs => withSizes(inputs, dimensions, size, fitted);
  const { problem, lattice } = sizedProblem(inputs, distribution, inputsAt, context.recognised);
  await job.checkpoint();
  const { model, budgetBytes, layers } = problem;
  const regular = sizes.filter(({ size }) => model.hasTemplate(size));
  const odd = sizes.filter(({ size }) => !model.hasTemplate(size));
  const planned = await planSizes(problem, lattice, regular, mergePercent, {
    checkpoint: () => job.checkpoint(),
    progress: (fraction) => job.progress(0.7 * fraction),
  });
  const { candidates, rows } = planned;
  if (rows.length === 0) throw nothingFits(problem, planned, dimensions);
  const shares = new Map(
    sizes.map(({ size, weight }) => [sizeKey(size), weight / totalWeight(distribution)]),
  );
  const shareOf = (size: Size): number => shares.get(sizeKey(size)) ?? 0;
  const regularPoints = pointsOf(planned, shareOf);
  const shownRows = rows.map((row) => sizeRow(row, planned, problem, inputsAt, shareOf, fitted.length > 0));
  const plans: SizePlan['plans'] = rows.map((row, r) => ({
    upTo: shownRows[r].upTo,
    planner: candidates[row.candidate].planner,
    decisions: decisionsFor(row),
    ...(inputs.strategy === 'schedule'
      ? { recomputations: namedRepeats(model.template, candidates[row.candidate].recomputations) }
      : {}),
    ...verified(context.recognised, inputsAt, shownRows[r].upTo, candidates[row.candidate]),
  }));
  function decisionsFor({ candidate }: TableRow) {
    const { recomputations } = candidates[candidate];
    return decisionsOf(model.template, layers, recomputations, inputs.strategy);
  }
  job.progress(0.8);
  const points = [...odd.map(({ size }) => oddPoint(problem, size, shareOf)), ...regularPoints];
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
      leastBytes: Math.min(...candidates.map(({ peaks }) => peaks.at(size))),
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
    summary: sizesSummary(dimensions, shownRows, unplanned[0]?.size),
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
  inputsAt: (size: Size) => PlanInputs,
  recognised: RecognisedGraph,
): { problem: SizedProblem; lattice: SizeLattice } {
  if (eachDevice(inputs.devices).length > 1 || (inputs.objective ?? 'fit') !== 'fit')
    throw new HeadroomError(
      'bad-usage',
      'Plans for several sizes are made for one device.',
      'Take the others away.',
    );
  const { workload, devices, strategy, pins } = inputs;
  const build = (size: Size) => builtStepOf(recognised, inputsAt(size), true);
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
      'Plans for several sizes keep or recompute; these inputs offload, place layers or use reentrant checkpoints.',
      'Take that back first.',
    );
  const budgetBytes = inputs.budgetBytes ?? devices[0].memoryBytes;
  return { problem: { model, layers, pins, strategy, budgetBytes }, lattice };
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

function pointsOf({ candidates, costs, rows }: PlannedSizes, shareOf: (size: Size) => number): SizePoint[] {
  const rowOf = new Map(rows.flatMap(({ sizes }, row) => sizes.map((s) => [s, row] as const)));
  return costs.sizes.map((size, s) => {
    const row = rowOf.get(s);
    const keepAllPeakBytes = candidates[0].peaks.at(size);
    const point = { size, share: shareOf(size), keepAllPeakBytes, keepAllMs: costs.keepAllMs[s] };
    if (row === undefined) return point;
    const { candidate } = rows[row];
    const peakBytes = candidates[candidate].peaks.at(size);
    const bestMs = costs.stepMs[costs.best[s]][s];
    return { ...point, planned: { row, peakBytes, stepMs: costs.stepMs[candidate][s], bestMs } };
  });
}

/** A size whose step has other computations: kept whole if that fits, as all plans keep what they do not name. */
function oddPoint(
  { model, layers, pins, budgetBytes }: SizedProblem,
  size: Size,
  shareOf: (size: Size) => number,
): SizePoint {
  const step = model.stepAt(size);
  const { peakBytes, stepTimeMs } = new PlanningContext({ step, layers, pins }).evaluate(new Int32Array(0));
  const point = { size, share: shareOf(size), keepAllPeakBytes: peakBytes, keepAllMs: stepTimeMs };
  if (peakBytes > budgetBytes) return point;
  return { ...point, planned: { row: 0, peakBytes, stepMs: stepTimeMs, bestMs: stepTimeMs } };
}

function sizeRow(
  row: TableRow,
  { candidates, costs }: PlannedSizes,
  { model, layers, strategy }: SizedProblem,
  inputsAt: (size: Size) => PlanInputs,
  shareOf: (size: Size) => number,
  isFitted: boolean,
): SizeRow {
  const candidate = candidates[row.candidate];
  const stepMs = costs.stepMs[row.candidate];
  const sizes = row.sizes.map((s) => costs.sizes[s]);
  const overheads = row.sizes.map((s) =>
    costs.keepAllMs[s] > 0 ? 100 * (stepMs[s] / costs.keepAllMs[s] - 1) : 0,
  );
  const regrets = row.sizes.map((s) => 100 * (stepMs[s] / costs.stepMs[costs.best[s]][s] - 1));
  const upTo = largestOf(sizes);
  const largest = upTo[upTo.length - 1];
  const decisions = decisionsOf(model.template, layers, candidate.recomputations, strategy);
  return {
    ...(largest.length === 1 ? { range: [sizes[0][0], sizes[sizes.length - 1][0]] as const } : {}),
    upTo,
    planner: candidate.planner,
    recomputed: decisions.filter(({ choice }) => choice === 'recompute').map(({ target }) => target),
    peakBytes: Math.max(...sizes.map((size) => candidate.peaks.at(size))),
    overheadPercent: [Math.min(...overheads), Math.max(...overheads)],
    regretPercent: Math.max(...regrets),
    share: sizes.reduce((sum, size) => sum + shareOf(size), 0),
    proof: isFitted ? 'fitted' : candidate.peaks.isMonotone ? 'monotone' : 'checked',
    edit: { kind: 'workload', changes: { dims: inputsAt(largest).workload.dims } },
  };
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
      `At ${odd.map((size) => size.join('×')).join(', ')} the step has other computations: everything is kept there.`,
    ],
    [
      kind === 'built',
      'What the step does changes from size to size: each size was built, and plans hold for these sizes only.',
    ],
    [
      !isHitRateKnown,
      'How many batches there are is not known: how often a plan is found again is not either.',
    ],
    [offload !== undefined, 'Plans for several sizes keep or recompute; they do not offload.'],
  ];
  return notes.filter(([holds]) => holds).map(([, note]) => note);
}
