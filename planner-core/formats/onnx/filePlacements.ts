import type { Diagnostic } from '../../base/diagnostic';
import type { FilePlacement } from '../../graph/modelGraph';
import type { OperatorRecord } from './operatorBuilder';
import type { ModelProto, NodeDevice } from './protoTypes';

/**
 * Where the file has operators run, for each of its device configurations that says so of any operator; undefined where
 * none does. Nodes may name configurations that the model does not declare: how many devices these have shows in the
 * nodes. Source: https://github.com/onnx/onnx/blob/main/docs/proposals/ONNXMultiDeviceProposal.md
 */
export function filePlacements(
  { configurations }: ModelProto,
  records: readonly OperatorRecord[],
): FilePlacement[] | undefined {
  const deviceOf = new Map<string, Map<string, number>>();
  for (const { operator, devices } of records) {
    for (const nodeDevice of devices) {
      const device = singleDevice(nodeDevice);
      if (device === undefined) continue;
      const known = deviceOf.get(nodeDevice.configuration) ?? new Map<string, number>();
      deviceOf.set(nodeDevice.configuration, known.set(operator.name, device));
    }
  }
  const placements = [...deviceOf].map(([name, operators]): FilePlacement => {
    const declared = configurations.find((configuration) => configuration.name === name);
    const used = [...operators.values()].reduce((most, device) => Math.max(most, device + 1), 0);
    return {
      name,
      deviceCount: Math.max(used, declared?.deviceCount ?? 0),
      devices: declared?.devices ?? [],
      deviceOf: operators,
    };
  });
  return placements.length > 0 ? placements : undefined;
}

export function placementNote({ name, deviceCount, deviceOf }: FilePlacement): Diagnostic {
  return {
    severity: 'info',
    code: 'file-placement',
    message:
      `The file places ${deviceOf.size} operators on ${deviceCount} devices (configuration "${name}"): ` +
      'where a plan has as many, they run there unless placed otherwise.',
  };
}

/** The one device that a node's values are on, or else its pipeline stage: stages are taken for devices in their order. */
function singleDevice({ devices, stage }: NodeDevice): number | undefined {
  const device = devices.length === 0 ? stage : devices.length === 1 ? devices[0] : undefined;
  return device !== undefined && device >= 0 ? device : undefined;
}
