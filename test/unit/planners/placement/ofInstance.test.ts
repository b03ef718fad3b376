import { describe, expect, it } from 'vitest';
import { placementOfInstance } from '../../../../planner-core/planners/placement/ofInstance';
import { readGraphInstance } from '../../../../planner-core/step/graphInstance';

/** One node on so many like devices. */
const withDevices = (count: number) =>
  readGraphInstance(
    JSON.stringify({
      ...{ format: 'dnn-graph-instance/1', id: 'many', kind: 'placement-throughput' },
      devices: Array.from({ length: count }, (_, i) => ({ id: `d${i}`, kind: 'gpu', memory_bytes: 100 })),
      nodes: [
        {
          id: 0,
          name: 'n0',
          time_ms: { gpu: 1, cpu: 2 },
          output_bytes: 10,
          memory_bytes: 10,
          transfer_ms: 1,
        },
      ],
      edges: [],
    }),
  );

describe('placementOfInstance', () => {
  it('takes as many devices as a placement has numbers for', () => {
    expect(placementOfInstance(withDevices(254)).deviceCount).toBe(254);
  });

  it('refuses more: 255 stands for what is not placed yet', () => {
    for (const count of [255, 256, 300])
      expect(() => placementOfInstance(withDevices(count))).toThrowError(
        expect.objectContaining({ code: 'limit-exceeded', message: `${count} devices; the limit is 254.` }),
      );
  });
});
