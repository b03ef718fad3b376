import { expect, it } from 'vitest';
import { editLabel } from '../../../../extension/document/editLabel';
import type { Edit, Target } from '../../../../planner-core/plan/planInputs';
import { defaultWorkload } from '../../../../planner-core/step/workload';

const module = (target: string): Target => ({ target, kind: 'module' });

const labels: [Edit, string][] = [
  [{ kind: 'budget', budgetBytes: 8 * 1024 ** 3 }, 'Budget 8.00 GiB'],
  [{ kind: 'budget', budgetBytes: undefined }, 'Budget: all of the device memory'],
  [{ kind: 'choice', targets: [module('layer1.0')], choice: 'recompute' }, 'Recompute layer1.0'],
  [{ kind: 'choice', targets: [module('a'), module('b')], choice: 'keep' }, 'Keep 2 layers'],
  [{ kind: 'choice', targets: [module('a')], choice: 'offload' }, 'Offload a'],
  [{ kind: 'choice', targets: [module('a')], choice: undefined }, 'Unpin a'],
  [{ kind: 'device', targets: [module('a')], device: 'gpu1' }, 'Place a on gpu1'],
  [{ kind: 'device', targets: [module('a')], device: undefined }, 'Let the planner place a'],
  [{ kind: 'strategy', strategy: 'module-checkpoint' }, 'Strategy: whole modules'],
  [{ kind: 'workload', changes: { precision: 'bf16', loss: 'sum' } }, 'Workload: precision, loss'],
  [{ kind: 'workload', changes: { optimizerUpdate: 'fused' } }, 'Workload: optimizer.step()'],
  [
    { kind: 'workload', changes: { ...defaultWorkload } },
    `Workload: ${Object.keys(defaultWorkload).length} settings`,
  ],
  [{ kind: 'devices', devices: [{ id: 'gpu0', name: 'T4', memoryBytes: 1 }] }, 'Devices: T4'],
  [
    { kind: 'machine', devices: [{ id: 'gpu', name: 'T4', memoryBytes: 1, count: 4 }], links: undefined },
    'Machine: 4 × T4',
  ],
  [{ kind: 'links', links: undefined }, 'Links of the device catalogue'],
  [{ kind: 'links', links: [] }, 'Links'],
  [{ kind: 'objective', objective: 'latency' }, 'Place for the shortest step'],
  [{ kind: 'clear-pins' }, 'Clear all pins'],
  [{ kind: 'sizes', sizes: undefined }, 'Inputs of one size'],
  [{ kind: 'sizes', sizes: { dimensions: ['seq'], sizes: [], mergePercent: 1 } }, 'Plans for input sizes'],
  [{ kind: 'several', label: 'Train in bf16', edits: [] }, 'Train in bf16'],
];

it.each(labels)('%j is "%s"', (edit, label) => {
  expect(editLabel(edit)).toBe(label);
});
