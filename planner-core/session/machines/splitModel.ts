import { HeadroomError } from '../../base/errors';
import type { Job } from '../../base/job';
import { idsOf } from '../../devices/machine';
import type { PlanDevice } from '../../plan/plan';
import type { Edit, PlanInputs } from '../../plan/planInputs';
import { bandwidthBreakpoints } from '../../planners/placement/cut/bandwidthBreakpoints';
import { requestName, withRequest } from '../../planners/placement/cut/request';
import { splitInTwo, type Split } from '../../planners/placement/cut/splitInTwo';
import type { Direction } from '../../planners/placement/cut/twoDevices';
import { placementOfStep, type StepPlacement } from '../../planners/placement/ofStep';
import { placedDecisions } from '../../planners/placement/placedDecisions';
import type { StepState } from '../stepState';

/** Where to cut a model between a device that asks and one that helps, and at which bandwidths that changes. */
export interface SplitQuestion {
  readonly inputs: PlanInputs;
  /** Ids of two devices; the first has the inputs and wants the outputs. */
  readonly between: readonly [string, string];
  /** 'one-way': nothing comes back, outputs included. */
  readonly direction?: Direction;
  /** Bandwidths to look at; absent: `defaultSplitRange`. */
  readonly gbPerS?: readonly [from: number, to: number];
}

/** From 8 Mbit/s to more than any link has. */
const defaultSplitRange = [0.001, 1000] as const;

/** What goes over the link. */
export interface SentTensor {
  readonly name: string;
  /** Shape and number format where they are known, as the layer tree shows them. */
  readonly shape: string;
  readonly bytes: number;
  readonly from: string;
}

export interface SplitView {
  readonly totalMs: number;
  /** Proven: no split that fits takes less. */
  readonly boundMs: number;
  readonly computeMs: readonly [number, number];
  readonly transferMs: number;
  readonly sentBytes: number;
  readonly sent: readonly SentTensor[];
  /** Operators on either device, of those that compute something. */
  readonly operators: readonly [number, number];
  /** Puts everything where the split has it. */
  readonly edit: Edit;
}

/** A split and the bandwidths at which no other takes less. */
export interface SplitSegment {
  readonly fromGbPerS: number;
  readonly toGbPerS: number;
  /** At the slow and at the fast end. */
  readonly slowMs: number;
  readonly fastMs: number;
  /** At the slow end. */
  readonly split: SplitView;
}

export interface SplitAnswer {
  readonly between: readonly [string, string];
  /** From the first device to the second, as it is. */
  readonly gbPerS: number;
  /** At that bandwidth, within the memory of both. */
  readonly now: SplitView;
  /** All of it on one device, whatever is pinned, that has the inputs and keeps the outputs. */
  readonly aloneMs: readonly [number, number];
  /** Slowest first; memory left aside. */
  readonly segments: readonly SplitSegment[];
}

/**
 * Answers by minimum cuts: one request after the other, nothing overlaps. Throws 'unknown-device', 'bad-usage' for
 * devices without a link and for a range that is none, 'infeasible' as `splitInTwo` does, 'cancelled' when the job is.
 */
export async function splitModel(
  question: SplitQuestion,
  build: (inputs: PlanInputs) => StepState,
  job: Job,
): Promise<SplitAnswer> {
  const { between, direction = 'both', gbPerS: range = defaultSplitRange } = question;
  if (between[0] === between[1])
    throw new HeadroomError(
      'bad-usage',
      'A split is between two devices, and both are the same.',
      'Name another one.',
    );
  const inputs = { ...question.inputs, devices: askingFirst(question) };
  const state = build(inputs);
  const { step } = state.built;
  const [first, second] = between.map((id) => deviceIndex(step.devices, id));
  const linkGbPerS = step.linkBytesPerMs[first * (step.devices.length + 1) + second] / 1e6;
  if (!(linkGbPerS > 0))
    throw new HeadroomError(
      'bad-usage',
      `There is no link from ${between[0]} to ${between[1]}.`,
      'Link the two devices.',
    );
  if (!(range[0] > 0 && range[1] > range[0] && Number.isFinite(range[1])))
    throw new HeadroomError('bad-usage', 'The bandwidths are no range.', 'Give the slower one first.');
  const memoryBytes = step.devices.map((id) => memoryOf(inputs, id));
  const placing = placementOfStep(step, state.layers, inputs.pins, memoryBytes, Infinity);
  const returnsOutputs = direction === 'both' && inputs.workload.mode === 'inference';
  const asked = withRequest(step, placing, first, returnsOutputs);
  const view = (split: Split): SplitView => viewOf(state, inputs, asked, split, between);
  const now = await splitInTwo(asked.problem, first, second, { direction }, job);
  const factors = range.map((gbPerS) => gbPerS / linkGbPerS) as [number, number];
  const found = await bandwidthBreakpoints(asked.problem, first, second, factors, { direction }, job);
  return {
    between,
    gbPerS: linkGbPerS,
    now: view(now),
    aloneMs: [first, second].map((device) => aloneMs(placing, device)) as [number, number],
    segments: found.map(({ fromFactor, toFactor, split, fixedMs, byteMs }) => ({
      fromGbPerS: fromFactor * linkGbPerS,
      toGbPerS: toFactor * linkGbPerS,
      slowMs: fixedMs + byteMs / fromFactor,
      fastMs: fixedMs + byteMs / toFactor,
      split: view(split),
    })),
  };
}

/** What follows no layer runs on the first device, the one that asks. */
function askingFirst({ inputs: { devices }, between: [asking] }: SplitQuestion): readonly PlanDevice[] {
  const isAsking = (device: PlanDevice): boolean => idsOf(device).includes(asking);
  return [...devices.filter(isAsking), ...devices.filter((device) => !isAsking(device))];
}

function deviceIndex(devices: readonly string[], id: string): number {
  const index = devices.indexOf(id);
  if (index >= 0) return index;
  throw new HeadroomError('unknown-device', `There is no device "${id}".`, `Devices: ${devices.join(', ')}.`);
}

const memoryOf = ({ devices }: PlanInputs, id: string): number =>
  devices.find((device) => idsOf(device).includes(id))?.memoryBytes ?? Infinity;

/** Sum of all computations where one device has the inputs and keeps the outputs; pins are left aside. */
function aloneMs({ problem: { durationMs, taskCount } }: StepPlacement, device: number): number {
  return durationMs
    .subarray(device * taskCount, (device + 1) * taskCount)
    .reduce((sum, duration) => sum + duration, 0);
}

function viewOf(
  { built: { step }, layers, view }: StepState,
  inputs: PlanInputs,
  { problem, resultValue }: Pick<StepPlacement, 'problem' | 'resultValue'>,
  split: Split,
  between: readonly [string, string],
): SplitView {
  const shapes = new Map(view.layers.map((row) => [row.name, row.output]));
  const sent = split.crossings.flatMap(({ producer, results }) => {
    const from = step.devices[split.placement[producer]];
    return results.map((result): SentTensor => {
      const maker = problem.taskName[problem.resultProducer[result]];
      const shape = maker === requestName ? '' : (shapes.get(maker) ?? '');
      return { name: step.valueName[resultValue[result]], shape, bytes: problem.resultBytes[result], from };
    });
  });
  const devices = Uint8Array.from(
    { length: step.nodeCount },
    (_, node) => split.placement[problem.groupOf[node]],
  );
  const decisions = placedDecisions(step, layers, devices, inputs.pins);
  const counts: [number, number] = [0, 0];
  const [, second] = between;
  for (const nodes of layers.nodesByOperator.values())
    if (nodes.some((node) => step.trafficBytes[node] > 0))
      counts[Number(step.devices[devices[nodes[0]]] === second)]++;
  const edits = between.map((id): Edit => {
    const targets = decisions
      .filter(({ device }) => device === id)
      .map(({ target, kind }) => ({ target, kind }));
    return { kind: 'device', targets, device: id };
  });
  return {
    totalMs: split.totalMs,
    boundMs: split.boundMs,
    computeMs: split.computeMs,
    transferMs: split.fixedTransferMs + split.byteTransferMs,
    sentBytes: split.crossingBytes,
    sent,
    operators: counts,
    edit: { kind: 'several', label: `Split between ${between.join(' and ')}`, edits },
  };
}
