import { formatMemory } from '../base/format';
import type { PlanInputs } from '../plan/planInputs';
import type { ModelSummary } from '../session/types';
import type { Workload } from '../step/workload';

/** `batch 16, seq 512 (assumed)`; empty where all sizes are fixed. */
export const dimensionsText = (
  { dims }: Pick<ModelSummary, 'dims'>,
  workload: Pick<Workload, 'dims'>,
): string =>
  dims
    .map(({ name, assumed }) =>
      Object.hasOwn(workload.dims, name) ? `${name} ${workload.dims[name]}` : `${name} ${assumed} (assumed)`,
    )
    .join(', ');

/** What was profiled or planned: the sizes of the model's dimensions, the devices, as rows of a table. */
export function workloadRows(
  { dims }: Pick<ModelSummary, 'dims'>,
  { workload, devices }: Pick<PlanInputs, 'workload' | 'devices'>,
): string[][] {
  return [
    ...(dims.length > 0 ? [['dimensions', dimensionsText({ dims }, workload)]] : []),
    [
      devices.length > 1 ? 'devices' : 'device',
      devices
        .map(
          ({ name, memoryBytes, count = 1 }) =>
            `${count > 1 ? `${count} × ` : ''}${name}, ${formatMemory(memoryBytes)}`,
        )
        .join('; '),
    ],
  ];
}
