import { formatMemory } from '../base/format';
import type { PlanInputs } from '../plan/planInputs';
import type { ModelSummary } from '../session/types';
import { isAssumed, sizesOf, type GivenSizes } from '../step/dimensions';

/** `batch 16, seq 512 (assumed)`; empty where all sizes are fixed. */
export function dimensionsText({ dims }: Pick<ModelSummary, 'dims'>, workload: GivenSizes): string {
  const sizes = sizesOf(dims, workload);
  return dims
    .map((dimension) => {
      const { name, sumOf } = dimension;
      const source = isAssumed(dimension, workload) ? ` (${sumOf?.join(' + ') ?? 'assumed'})` : '';
      return `${name} ${sizes.get(name)}${source}`;
    })
    .join(', ');
}

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
