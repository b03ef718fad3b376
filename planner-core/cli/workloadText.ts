import { formatMemory } from '../base/format';
import type { PlanInputs } from '../plan/planInputs';
import type { ModelSummary } from '../session/types';

/** What was profiled or planned: the sizes of the inputs, and the devices, as rows of a table. */
export function workloadRows(
  { dims }: Pick<ModelSummary, 'dims'>,
  { workload, devices }: Pick<PlanInputs, 'workload' | 'devices'>,
): string[][] {
  const sizes = dims.map(({ name, assumed }) =>
    Object.hasOwn(workload.dims, name) ? `${name} ${workload.dims[name]}` : `${name} ${assumed} (assumed)`,
  );
  return [
    ...(sizes.length > 0 ? [['sizes', sizes.join(', ')]] : []),
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
