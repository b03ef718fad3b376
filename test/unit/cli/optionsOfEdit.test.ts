import { describe, expect, test } from 'vitest';
import { offloadOf } from '../../../planner-core/cli/offloadOptions';
import { devicesOf, readOptions, strategyOf, workloadOf } from '../../../planner-core/cli/options';
import { changedArguments, planArguments, shellWord } from '../../../planner-core/cli/optionsOfEdit';
import { memorySize } from '../../../planner-core/cli/memoryOption';
import {
  applyEdit,
  defaultPlanInputs,
  type Edit,
  type PlanInputs,
} from '../../../planner-core/plan/planInputs';
import type { Workload } from '../../../planner-core/step/workload';

const gib = 1024 ** 3;
const given = ['--dim', 'batch=16', '--dim', 'height=64', '--dim', 'width=64', '--optimizer', 'adamw'];

function inputsFrom(args: readonly string[]): PlanInputs {
  const { options } = readOptions(['plan', ...args]);
  return {
    ...defaultPlanInputs(devicesOf(options)),
    ...offloadOf(options),
    workload: workloadOf(options),
    strategy: strategyOf(options),
    budgetBytes: options.budget === undefined ? undefined : memorySize('--budget', options.budget, 'a size'),
  };
}

/** What answers change, as `levers.ts`, `sizeLevers.ts` and `deviceLevers.ts` have it. */
const workloadChanges: Partial<Workload>[] = [
  { precision: 'bf16-autocast' },
  { optimizer: 'sgd' },
  { optimizerUpdate: 'fused' },
  { zeroGrad: 'set-to-none' },
  { attention: 'fused' },
  { modelOutput: 'dropped' },
  { frozen: ['down.0', 'my layer'] },
  { dims: { batch: 4, height: 64, width: 64 }, microBatches: 4 },
];
const edits: Edit[] = [
  ...workloadChanges.map((changes) => ({ kind: 'workload', changes }) as const),
  { kind: 'strategy', strategy: 'schedule' },
  { kind: 'offload', offload: { to: 'host' } },
  { kind: 'budget', budgetBytes: 12_345_678_901 },
  { kind: 'devices', devices: [{ id: 'gpu0', name: 'L40S', memoryBytes: 48 * gib }] },
];

describe('options of an answer', () => {
  test.each([
    [[]],
    [['--device', 'T4', '--memory', '10GiB', '--max-overhead', '5']],
    [['--device', 'RTX 4090:1GiB']],
    [['--strategy', 'selective', '--offload', 'storage', '--zero-grad', 'zero', '--json']],
  ])('with %j they mean the inputs that the answer leads to', (more) => {
    const { options } = readOptions(['fit', ...given, ...more]);
    const inputs = inputsFrom([...given, ...more]);
    const planned = planArguments('unet.train.onnx', options, inputs);
    const pairs = edits.flatMap((a) => edits.map((b): Edit[] => [a, b]));
    for (const pair of [...edits.map((edit) => [edit]), ...pairs]) {
      const after = pair.reduce(applyEdit, inputs);
      const read = inputsFrom([...planned, ...changedArguments(inputs, after)!]);
      expect([pair, read]).toEqual([pair, after]);
    }
  });

  test('a device of a machine is not named alone', () => {
    const inputs = defaultPlanInputs(devicesOf(readOptions(['--device', 'T4', '--device', 'T4']).options));
    const devices = [{ ...inputs.devices[0], name: 'L40S' }, inputs.devices[1]];
    expect(changedArguments(inputs, { ...inputs, devices })).toBeUndefined();
    expect(changedArguments(inputs, { ...inputs, strategy: 'selective' })).toEqual([
      '--strategy',
      'selective',
    ]);
  });

  test('words are quoted where a shell would cut them', () => {
    expect(['seq=512', 'RTX 4090', "it's"].map(shellWord)).toEqual(['seq=512', "'RTX 4090'", "'it'\\''s'"]);
  });
});
