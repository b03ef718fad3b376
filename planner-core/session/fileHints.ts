import { eachDevice, type MachineDevice } from '../devices/machine';
import type { FilePlacement, ModelGraph } from '../graph/modelGraph';
import type { LayerIndex } from '../plan/layerIndex';
import type { Decision } from '../plan/plan';
import { resolveDecisions } from '../plan/resolveDecisions';
import { placedDecisions } from '../planners/placement/placedDecisions';
import { Phase, type StepGraph } from '../step/stepGraph';

/** Where the model file has layers run, in terms of a plan's devices. */
export interface FileHints {
  readonly name: string;
  /** By node: a device of the step; -1 where the file does not say. */
  readonly deviceOfNode: Int16Array;
  /** Operators that the file places, and how many devices it places them on. */
  readonly operatorCount: number;
  readonly deviceCount: number;
}

/**
 * The file's placement, if it has one for these devices: the one whose device names are those of the plan (ids, or names
 * in the catalogue), else the first that needs no more devices than there are, in their order.
 */
export function fileHintsOf(
  graph: ModelGraph,
  step: StepGraph,
  machine: readonly MachineDevice[],
): FileHints | undefined {
  const devices = eachDevice(machine);
  const placements = (graph.placements ?? []).filter((placement) => placement.deviceCount > 1);
  for (const mapOf of [byName, inOrder]) {
    for (const placement of placements) {
      const map = mapOf(placement, devices);
      const hints = map && hintsOf(graph, step, placement, map);
      if (hints && hints.operatorCount > 0) return hints;
    }
  }
  return undefined;
}

/** What the file places and no pin does, as decisions nobody pinned. */
export function hintedDecisions(
  step: StepGraph,
  layers: LayerIndex,
  { deviceOfNode }: FileHints,
  pins: readonly Decision[],
): Decision[] {
  const { device: pinned } = resolveDecisions(step, layers, pins);
  const open = deviceOfNode.map((device, node) => (pinned[node] >= 0 ? -1 : device));
  return placedDecisions(step, layers, open, pins);
}

export function hintAssumption({ name, operatorCount, deviceCount }: FileHints): string {
  return (
    `the file places ${operatorCount} operator${operatorCount === 1 ? '' : 's'} on ${deviceCount} devices ` +
    `(configuration "${name}"): they run there unless placed otherwise`
  );
}

/** By number of a device in the file: its index in the plan. */
type DeviceMap = readonly number[] | undefined;

function byName(
  { devices: names, deviceCount }: FilePlacement,
  devices: readonly MachineDevice[],
): DeviceMap {
  if (names.length < deviceCount) return undefined;
  const free = new Set(devices.keys());
  const map = names.map((wanted) => {
    const found = [...free].find((i) => devices[i].id === wanted || devices[i].name === wanted) ?? -1;
    free.delete(found);
    return found;
  });
  return map.includes(-1) ? undefined : map;
}

function inOrder({ deviceCount }: FilePlacement, devices: readonly MachineDevice[]): DeviceMap {
  return deviceCount <= devices.length ? [...devices.keys()] : undefined;
}

function hintsOf(
  graph: ModelGraph,
  step: StepGraph,
  { name, deviceOf }: FilePlacement,
  map: readonly number[],
): FileHints {
  const deviceOfNode = new Int16Array(step.nodeCount).fill(-1);
  const operators = new Set<number>();
  for (let node = 0; node < step.nodeCount; node++) {
    const operator = step.nodeOperator[node];
    if (step.nodePhase[node] !== Phase.forward || operator < 0) continue;
    const device = deviceOf.get(graph.operators[operator].name);
    if (device === undefined || device >= map.length) continue;
    deviceOfNode[node] = map[device];
    operators.add(operator);
  }
  const used = new Set(deviceOfNode.filter((device) => device >= 0));
  return { name, deviceOfNode, operatorCount: operators.size, deviceCount: used.size };
}
