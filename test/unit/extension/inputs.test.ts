import { describe, expect, it } from 'vitest';
import { parseBudget } from '../../../extension/commands/setBudget';
import { defaultInputs, planDevice, type Defaults } from '../../../extension/document/defaultInputs';
import { isDeepEqual } from '../../../extension/document/deepEqual';
import { machineProblem, unknownDevice, usableMachine } from '../../../extension/settings';
import { peakAndBudget } from '../../../extension/statusBar';
import { defaultDeviceName } from '../../../planner-core/devices/catalogue';

const defaults: Defaults = {
  device: 'A10',
  budget: '8 GiB',
  optimizer: 'sgd',
  loss: 'cross-entropy',
  precision: 'bf16',
  semantics: 'cpu',
  strategy: 'selective',
  dimensions: { batch: 2 },
};

describe('defaultInputs', () => {
  it('takes every setting', () => {
    expect(defaultInputs(defaults)).toMatchObject({
      devices: [{ name: 'A10' }],
      budgetBytes: 8 * 1024 ** 3,
      strategy: 'selective',
      workload: {
        optimizer: 'sgd',
        loss: 'cross-entropy',
        precision: 'bf16',
        semantics: 'cpu',
        dims: { batch: 2 },
      },
    });
  });

  it.each(['', 'lots'])('takes the budget "%s" for all of the device memory', (budget) => {
    expect(defaultInputs({ ...defaults, budget }).budgetBytes).toBeUndefined();
  });

  it('takes the machine instead of the device', () => {
    const machine = usableMachine('workstation-4090-t4');
    const inputs = defaultInputs({ ...defaults, machine });
    expect(inputs.devices.map(({ id }) => id)).toEqual(['gpu0', 'gpu1', 'cpu']);
    expect(inputs.links).toEqual(machine?.links);
    const alone = usableMachine({ devices: [{ id: 'a', name: 'T4', memoryBytes: 5, count: 2 }] });
    expect(defaultInputs({ ...defaults, machine: alone })).toMatchObject({
      devices: [{ id: 'a', count: 2 }],
    });
  });

  it.each(['', 'my box', 7, null, {}, { devices: [] }, { devices: [{ id: 'a' }] }])(
    'takes the machine %j for none',
    (setting) => expect(usableMachine(setting)).toBeUndefined(),
  );

  it('says what is wrong with a machine that is not used', () => {
    expect(machineProblem('my box')).toBe('headroom.machine: "my box" is no machine with a name.');
    expect(machineProblem({ devices: [{ id: 'a', name: 'T4' }] })).toMatch(
      /^headroom\.machine: devices\[0\]\.memoryBytes .+\.$/,
    );
    const device = { id: 'a', name: 'T4', memoryBytes: 5 };
    const link = { between: ['a', 'b'], name: 'custom', gbPerS: 0, latencyMs: 0, shared: false };
    expect(machineProblem({ devices: [device], links: [link] })).toContain('links[0].gbPerS is not positive');
    for (const fine of ['', 'workstation-4090-t4', { devices: [device] }])
      expect(machineProblem(fine)).toBeUndefined();
  });

  it('falls back to the default device', () => {
    expect(planDevice('my toaster').name).toBe(defaultDeviceName);
    expect(unknownDevice('my toaster'), 'and says so').toBe('my toaster');
    expect(unknownDevice(7)).toBe('7');
    expect(unknownDevice('T4')).toBeUndefined();
  });
});

it.each([
  ['8 GiB', 8 * 1024 ** 3],
  ['0 GiB', undefined],
  ['many', undefined],
  ['', undefined],
])('the budget "%s" is %s bytes', (text, bytes) => {
  expect(parseBudget(text)).toBe(bytes);
});

it.each([
  [7.9 * 1024 ** 3, 8 * 1024 ** 3, '7.90 / 8.00 GiB'],
  [512 * 1024 ** 2, 8 * 1024 ** 3, '512 MiB / 8.00 GiB'],
])('%d of %d bytes is "%s" in the status bar', (peak, budget, text) => {
  expect(peakAndBudget(peak, budget)).toBe(text);
});

it.each([
  [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, true],
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: null }, { a: undefined }, false],
  [[1, 2], [1], false],
  [[1], { 0: 1 }, false],
  [{ a: 1 }, { a: '1' }, false],
])('%j equals %j: %s', (a, b, equal) => {
  expect(isDeepEqual(a, b)).toBe(equal);
  expect(isDeepEqual(b, a)).toBe(equal);
});
