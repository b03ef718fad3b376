import { expect, test } from 'vitest';
import { lstmWorkspaceBytes } from '../../../planner-core/operators/recurrentMemory';

/** Time, batch, inputs, hidden size, and the bytes of the workspace that PyTorch 2.13 saved on a CPU with AVX-512. */
const measured: readonly (readonly [number, number, number, number, number])[] = [
  [1, 1, 1, 1, 28672],
  [14, 3, 12, 10, 45056],
  [14, 3, 20, 10, 57344],
  [20, 2, 16, 12, 45056],
  [5, 7, 33, 50, 159744],
  [10, 32, 64, 64, 1331200],
  [10, 32, 64, 16, 733184],
  [10, 32, 64, 128, 2641920],
  [10, 32, 128, 64, 1871872],
  [10, 32, 256, 256, 5419008],
  [35, 8, 128, 256, 4534272],
];

test.each(measured)(
  'the workspace of %i steps, %i samples, %i inputs and %i hidden units is %i bytes',
  (time, batch, inputs, hidden, bytes) => {
    expect(lstmWorkspaceBytes({ time, batch, inputs, hidden, directions: 1 })).toBe(bytes);
  },
);
