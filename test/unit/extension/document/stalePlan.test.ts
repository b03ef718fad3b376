import { expect, it } from 'vitest';
import { rebaseInputs } from '../../../../extension/document/stalePlan';
import { someInputs } from '../fakePlanner';

it('keeps the pins and dimensions that the model still has', () => {
  const inputs = {
    ...someInputs,
    workload: { ...someInputs.workload, dims: { batch: 4, seq: 128 } },
    pins: [
      { target: 'a', kind: 'module', choice: 'keep' },
      { target: 'a', kind: 'operator', choice: 'recompute' },
      { target: 'gone', kind: 'module', choice: 'keep' },
    ] as const,
  };
  const model = {
    dims: [
      { name: 'batch', assumed: 1 },
      { name: 'height', assumed: 224 },
    ],
  };
  const rebased = rebaseInputs(inputs, model, [{ kind: 'module', name: 'a' }]);
  expect(rebased.workload.dims).toEqual({ batch: 4 });
  expect(rebased.pins).toEqual([inputs.pins[0]]);
  expect(rebased).toMatchObject({ strategy: inputs.strategy, devices: inputs.devices });
});
