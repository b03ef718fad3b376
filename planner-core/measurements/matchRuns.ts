import { HeadroomError } from '../base/errors';
import { appendTo } from '../base/groups';
import type { Job } from '../base/job';
import type { ModelGraph } from '../graph/modelGraph';
import type { Recognition } from '../recognition/recognise';
import type { BuiltStep } from '../step/buildStep';
import type { StepGraph } from '../step/stepGraph';
import { alignCalls } from './alignCalls';
import { matchTable } from './matchTable';
import type { MeasuredCall, MeasuredRun, MeasurementSource } from './measuredRun';
import type { MatchReport, MeasuredStep } from './measuredStep';
import { NodeSamples } from './nodeSamples';
import { pairCalls } from './pairCalls';
import { stepCalls, type StepCall } from './stepCalls';
import { Tally } from './tally';

/** Less than this of the measured time, and of the step's work: another model ran. */
const leastShare = 0.5;
/** Steps that are matched; more say nothing new. */
const maxSteps = 5;

/**
 * Puts what was measured to the nodes of a step: ONNX nodes by their names, what is left by kind, shapes and order; backward functions by
 * autograd's numbers. Throws 'other-measurements' where too little fits, saying what does not.
 */
export async function matchRuns(
  graph: ModelGraph,
  built: BuiltStep,
  recognitions: readonly Recognition[],
  runs: readonly MeasuredRun[],
  job: Job,
): Promise<MeasuredStep> {
  const { step } = built;
  const nodes = stepCalls(graph, built, recognitions);
  const found = new NodeSamples(step);
  const tally = new Tally();
  for (const run of runs) {
    const before = tally.copy();
    if (run.source === 'csv') matchTable(graph, nodes, run.steps[0] ?? [], found, tally);
    else for (const calls of lastSteps(run.steps)) await matchStep(nodes, calls, run, found, tally, job);
    if (run.steps.length > 0) await requireMatch(run, nodes, found, tally, before, step, job);
  }
  const isReused = found.reuse(nodes);
  const { nodeMs, heldBytes, grownBytes } = found.medians();
  const own = nodes.filter(({ node }) => !Number.isNaN(nodeMs[node]) && !isReused[node]);
  const match: MatchReport = {
    ...tally.report(),
    steps: runs.reduce((sum, { steps }) => sum + lastSteps(steps).length, 0),
    nodes: nodes.length,
    matchedNodes: own.length,
    trafficShare: trafficShare(step, nodes, (node) => found.has(node)),
    otherNodes: nodes.filter(({ node }) => !found.has(node)).map(({ name }) => name),
  };
  const memories = runs.flatMap(({ memory }) => memory ?? []);
  const memory = memories.sort((a, b) => b.peakBytes - a.peakBytes).at(0);
  const files = runs.map(({ file, source }) => ({ name: file, source }));
  return { files, nodeMs, heldBytes, grownBytes, isReused, memory, match };
}

/** The recorded steps that are whole: a recording may begin or end within one. */
export function wholeSteps(steps: MeasuredRun['steps']): MeasuredRun['steps'] {
  const most = Math.max(0, ...steps.map(({ length }) => length));
  return steps.filter(({ length }) => length > most / 2);
}

const lastSteps = (steps: MeasuredRun['steps']): MeasuredRun['steps'] => wholeSteps(steps).slice(-maxSteps);

async function matchStep(
  nodes: readonly StepCall[],
  calls: readonly MeasuredCall[],
  { memory }: MeasuredRun,
  found: NodeSamples,
  tally: Tally,
  job: Job,
): Promise<void> {
  const forward = calls.filter(({ phase }) => phase === 'forward');
  const nodeOfCall = await pairCalls(nodes, forward, job);
  const startBytes = memory?.startBytes ?? 0;
  /** The last call with a number recorded the function: earlier ones only saw what the next would be. */
  const operatorOf = new Map<number, number>();
  const parts = new Map<number, MeasuredCall[]>();
  forward.forEach((call, i) => {
    const at = nodeOfCall[i];
    tally.add(call, at >= 0);
    for (const number of call.sequence ?? []) operatorOf.set(number, at < 0 ? -1 : nodes[at].record.operator);
    if (at >= 0) appendTo(parts, at, call);
  });
  for (const [at, own] of parts) found.add(nodes[at].node, own, startBytes);
  const backward = new Map<number, MeasuredCall[]>();
  for (const call of calls) {
    if (call.phase !== 'backward') continue;
    const operator = operatorOf.get(call.sequence?.[0] ?? -1) ?? -1;
    tally.add(call, operator >= 0);
    if (operator < 0) continue;
    appendTo(backward, operator, call);
  }
  found.addBackward(backward, startBytes);
}

async function requireMatch(
  run: MeasuredRun,
  nodes: readonly StepCall[],
  found: NodeSamples,
  tally: Tally,
  before: Tally,
  step: StepGraph,
  job: Job,
): Promise<void> {
  const share = tally.shareSince(before);
  const work = trafficShare(step, nodes, (node) => found.has(node));
  if (isEnough(run.source, share, work)) return;
  const percent = (part: number): string => `${Math.floor(100 * part)} %`;
  throw new HeadroomError(
    'other-measurements',
    `${run.file} is of another run: ${percent(share)} of its time and ${percent(work)} of the model's work match. ${await firstDifference(run, nodes, job)}`,
    'Load the model that ran, and set the sizes that it ran with.',
  );
}

/** Names say what they are about; ONNX Runtime also runs what a step has no node for. */
function isEnough(source: MeasurementSource, timeShare: number, workShare: number): boolean {
  if (source === 'csv') return timeShare > 0;
  return workShare >= leastShare && (source === 'onnxruntime' || timeShare >= leastShare);
}

/** What a person can act on: other sizes, or other computations. */
async function firstDifference(run: MeasuredRun, nodes: readonly StepCall[], job: Job): Promise<string> {
  const calls = (lastSteps(run.steps).at(-1) ?? []).filter(({ phase }) => phase === 'forward');
  if (run.source === 'csv') return `It has no name of a layer: "${calls[0]?.name}" is none.`;
  const pairs = await alignCalls(nodes, calls, job, false);
  const text = (shape: readonly number[] | undefined): string => shape?.join('×') ?? 'no tensor';
  for (const [node, call] of pairs) {
    const [planned, measured] = [nodes[node].inputShapes[0], calls[call].inputShapes?.[0]];
    if (pairs.length * 2 > nodes.length && text(planned) !== text(measured))
      return `${calls[call].name} ran on ${text(measured)}; ${nodes[node].name} of this step reads ${text(planned)}.`;
  }
  return `It begins with ${calls
    .slice(0, 3)
    .map(({ name }) => name)
    .join(', ')}; the step with ${nodes
    .slice(0, 3)
    .map(({ name }) => name)
    .join(', ')}.`;
}

function trafficShare(
  step: StepGraph,
  nodes: readonly StepCall[],
  isMeasured: (node: number) => boolean,
): number {
  let [measured, all] = [0, 0];
  for (const { node } of nodes) {
    all += step.trafficBytes[node];
    if (isMeasured(node)) measured += step.trafficBytes[node];
  }
  return all > 0 ? measured / all : 0;
}
