import { HeadroomError } from '../../base/errors';
import type { Job } from '../../base/job';
import { damaged } from '../../measurements/damaged';
import { wholeSteps } from '../../measurements/matchRuns';
import type { MeasuredCall, MeasuredRun } from '../../measurements/measuredRun';
import { pairCalls } from '../../measurements/pairCalls';
import { stepCalls, type StepCall } from '../../measurements/stepCalls';
import { layerIndexOf } from '../../plan/layerIndex';
import type { PlanInputs } from '../../plan/planInputs';
import { measuredLayers, type MeasuredLayer } from '../../planners/input-sizes/measuredLayers';
import { measuredSizes, sizesInName, type ProbedDimension } from '../../planners/input-sizes/measuredSizes';
import { badSizes } from '../../planners/input-sizes/sizeDistribution';
import { sizeKey } from '../../planners/input-sizes/sizeLattice';
import type { RecognisedGraph } from '../../recognition/recognise';
import type { BuiltStep } from '../../step/buildStep';
import { boundDimensions, freeDimensions } from '../../step/dimensions';
import { builtStepOf } from '../stepState';
import { withSizes } from './withSizes';

/** Less of a step's measured forward time than this: another model ran. */
const leastShare = 0.5;
/** Of a dimension that depends on data, until the calls tell. */
const anySize = 64;

/**
 * What a trace of the PyTorch profiler says of layers at the sizes of its steps, as the table that `readSizeMeasurements` reads: a column
 * for each dimension of the model, those that depend on data too (`dependent`), `layer`, `bytes`, `ms`. Sizes are those in the name of the file, else those that the shapes of the calls
 * tell. Throws 'bad-measurements' for what is no trace with memory and shapes, 'bad-sizes' for sizes that do not go with the steps, and
 * 'other-measurements' for a trace of another model.
 */
export async function sizeTable(
  recognised: RecognisedGraph,
  inputs: PlanInputs,
  dependent: readonly string[],
  run: MeasuredRun,
  job: Job,
): Promise<string> {
  const { allocations: track, file } = run;
  if (run.source !== 'pytorch-profiler')
    throw badSizes(
      `${file} has no layers at several sizes.`,
      'Give traces of the PyTorch profiler, or a table with columns for the size, layer and bytes.',
    );
  if (!track?.hasAddresses)
    throw damaged(`${file} has no memory events: it was recorded without profile_memory=True`);
  const { bindings: free } = boundDimensions(recognised.graph, inputs.workload);
  const bindings = { ...Object.fromEntries(dependent.map((name) => [name, anySize])), ...free };
  // A workload may name dimensions that the model does not have.
  const names = [...freeDimensions(recognised.graph).map(({ name }) => name), ...dependent];
  const build = stepsBySize(recognised, inputs, names);
  const steps = wholeSteps(run.steps);
  const told = toldSizes(file, names, steps.length);
  const base = names.map((name) => bindings[name]);
  const ranges = recognised.graph.ranges;
  const probes = names
    .map((name, axis): ProbedDimension => {
      const size = base[axis];
      const otherSize = otherThan(size, ranges?.get(name)?.most);
      return { name, size, otherSize, other: build(base.with(axis, otherSize)).nodes };
    })
    .filter(({ name, size, otherSize }) => !told.has(name) && size !== otherSize);
  const lines: string[] = [];
  for (const [s, calls] of steps.entries()) {
    await job.checkpoint();
    const found = await measuredSizes(build(base).nodes, probes, calls, job);
    const size = names.map((name) => {
      const known = told.get(name)?.at(s) ?? told.get(name)?.at(0) ?? found.get(name);
      if (known === undefined) throw unknownSize(file, s, name);
      return known;
    });
    for (const { layer, bytes, ms } of await layersAt(build(size), calls, recognised, run, job))
      lines.push([...size, layer, bytes, Number(ms.toFixed(6))].join(','));
  }
  return [[...names, 'layer', 'bytes', 'ms'].join(','), ...lines].join('\n');
}

interface SizedStep {
  readonly built: BuiltStep;
  readonly nodes: readonly StepCall[];
}

function stepsBySize(
  recognised: RecognisedGraph,
  inputs: PlanInputs,
  names: readonly string[],
): (size: readonly number[]) => SizedStep {
  const known = new Map<string, SizedStep>();
  return (size) => {
    const key = sizeKey(size);
    const found = known.get(key);
    if (found) return found;
    const built = builtStepOf(recognised, withSizes(inputs, names, size));
    const sized = { built, nodes: stepCalls(recognised.graph, built, recognised.recognitions) };
    known.set(key, sized);
    return sized;
  };
}

/** Twice the size, which strides and heads allow where they allow the size; half of it where that is too large. */
const otherThan = (size: number, most = Infinity): number =>
  2 * size <= most ? 2 * size : Math.max(1, Math.floor(size / 2));

function toldSizes(
  file: string,
  names: readonly string[],
  steps: number,
): ReadonlyMap<string, readonly number[]> {
  const told = sizesInName(file, names);
  for (const [name, sizes] of told)
    if (sizes.length !== 1 && sizes.length !== steps)
      throw badSizes(
        `${file} names ${sizes.length} sizes of ${name}, the trace has ${steps} ${steps === 1 ? 'step' : 'steps'}.`,
        'Name one size for each step, or one for all.',
      );
  return told;
}

const unknownSize = (file: string, step: number, name: string): HeadroomError =>
  badSizes(
    `${file}: no call of step ${step + 1} tells the size of ${name}.`,
    `Record with record_shapes=True, or put it into the file's name: ${name}=128, or one for each step: ${name}=64,128.`,
  );

async function layersAt(
  { built, nodes }: SizedStep,
  calls: readonly MeasuredCall[],
  { graph }: RecognisedGraph,
  { file, allocations }: MeasuredRun,
  job: Job,
): Promise<MeasuredLayer[]> {
  const forward = calls.filter(({ phase }) => phase === 'forward');
  const ofForward = await pairCalls(nodes, forward, job);
  const share =
    forward.reduce((sum, { ms }, i) => sum + (ofForward[i] < 0 ? 0 : ms), 0) /
    forward.reduce((sum, { ms }) => sum + ms, 0);
  if (!(share >= leastShare))
    throw new HeadroomError(
      'other-measurements',
      `${file} is of another run: ${Math.floor(100 * (share || 0))} % of the forward time of a step match the model.`,
      'Give traces of the model that is open, and its sizes.',
    );
  const places = new Map(forward.map((call, i) => [call, ofForward[i]]));
  const nodeOfCall = Int32Array.from(calls, (call) => places.get(call) ?? -1);
  const { layers } = layerIndexOf(graph.modules, built.step);
  return measuredLayers({ nodes, calls, nodeOfCall }, layers, built.step, allocations!);
}
