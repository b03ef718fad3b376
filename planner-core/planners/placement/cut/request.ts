import { appendTo } from '../../../base/groups';
import { ValueKind, type StepGraph } from '../../../step/stepGraph';
import type { StepPlacement } from '../ofStep';
import type { PlacementProblem } from '../problem';

/** Name of the task that stands for whoever asks. */
export const requestName = 'request';

type NamedProblem = Pick<StepPlacement, 'problem' | 'resultValue'>;

/**
 * The problem with a task on `home` that hands the model's inputs to whoever reads them and, if `returnsOutputs`, takes
 * its outputs back: what a device that asks a server has to send and to receive. Without it everything would run on the
 * faster device for nothing.
 */
export function withRequest(
  step: StepGraph,
  { problem, resultValue }: NamedProblem,
  home: number,
  returnsOutputs: boolean,
): NamedProblem {
  const { taskCount, deviceCount, groupBytes } = problem;
  const request = taskCount;
  const results = resultsWith(step, { problem, resultValue }, request, returnsOutputs);
  const durationMs = new Float64Array(deviceCount * (taskCount + 1));
  for (let device = 0; device < deviceCount; device++) {
    const row = problem.durationMs.subarray(device * taskCount, (device + 1) * taskCount);
    durationMs.set(row, device * (taskCount + 1));
    durationMs[device * (taskCount + 1) + request] = device === home ? 0 : Infinity;
  }
  const { offsets, items } = problem.groups;
  const extended: PlacementProblem = {
    ...problem,
    ...results.results,
    taskCount: taskCount + 1,
    taskName: [...problem.taskName, requestName],
    durationMs,
    order: Int32Array.from([request, ...problem.order]),
    groupOf: Int32Array.from([...problem.groupOf, groupBytes.length]),
    groups: {
      offsets: Int32Array.from([...offsets, items.length + 1]),
      items: Int32Array.from([...items, request]),
    },
    isBackward: Uint8Array.from([...problem.isBackward, 0]),
    groupBytes: Float64Array.from([...groupBytes, 0]),
    pinnedDevice: Int32Array.from([...problem.pinnedDevice, home]),
  };
  return { problem: extended, resultValue: results.resultValue };
}

function resultsWith(
  step: StepGraph,
  { problem, resultValue }: NamedProblem,
  request: number,
  returnsOutputs: boolean,
) {
  const producers = [...problem.resultProducer];
  const values = [...resultValue];
  const { offsets, items } = problem.resultReaders;
  const readers = producers.map((_, result) => [...items.subarray(offsets[result], offsets[result + 1])]);
  const users = inputReaders(step);
  for (const [value, nodes] of users) {
    producers.push(request);
    values.push(value);
    readers.push(nodes);
  }
  if (returnsOutputs)
    for (const [value, maker] of outputMakers(step)) {
      const known = values.findIndex((other, result) => other === value && producers[result] === maker);
      if (known >= 0) readers[known].push(request);
      else {
        producers.push(maker);
        values.push(value);
        readers.push([request]);
      }
    }
  const rows = new Int32Array(producers.length + 1);
  readers.forEach((list, result) => (rows[result + 1] = rows[result] + list.length));
  return {
    resultValue: Int32Array.from(values),
    results: {
      resultProducer: Int32Array.from(producers),
      resultReaders: { offsets: rows, items: Int32Array.from(readers.flat()) },
      resultBytes: Float64Array.from(values, (value) => step.valueBytes[value]),
    },
  };
}

/** Inputs of the model (and targets of the loss) with the nodes that read them. */
function inputReaders(step: StepGraph): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (let node = 0; node < step.nodeCount; node++)
    for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
      const value = step.inputs.items[i];
      if (step.valueKind[value] !== ValueKind.input || !step.residentAtStart[value]) continue;
      appendTo(found, value, node);
    }
  return found;
}

/** Outputs of the model with the node that writes them last. */
function outputMakers(step: StepGraph): Map<number, number> {
  const found = new Map<number, number>();
  for (let node = 0; node < step.nodeCount; node++)
    for (const { offsets, items } of [step.outputs, step.updates])
      for (let i = offsets[node]; i < offsets[node + 1]; i++) {
        const value = items[i];
        if (step.residentAtEnd[value] && step.valueKind[value] === ValueKind.activation)
          found.set(value, node);
      }
  return found;
}
