import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import type { Decision, Plan, Strategy } from '../../../../planner-core/plan/plan';
import type { OffloadLink } from '../../../../planner-core/plan/offloadTarget';
import type { PlanInputs } from '../../../../planner-core/plan/planInputs';
import { PlannerSession } from '../../../../planner-core/session/plannerSession';

const samples = path.resolve(import.meta.dirname, '../../../../samples');
const transformer = 'tiny_transformer.train.pt2';

function open(name: string, as = name): PlannerSession {
  return PlannerSession.open(new MemoryByteSource(readFileSync(path.join(samples, name))), as);
}

async function planned(
  session: PlannerSession,
  strategy: Strategy,
  changes: Partial<PlanInputs> = {},
  budgetShare = 0.8,
): Promise<Plan> {
  const base = session.defaultInputs([{ id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * 2 ** 30 }]);
  const inputs = { ...base, workload: { ...base.workload, dims: { batch: 8 } }, strategy, ...changes };
  const { keepAllPeakBytes } = session.configure(inputs);
  const { plan } = await session.plan({ ...inputs, budgetBytes: Math.floor(budgetShare * keepAllPeakBytes) });
  return plan;
}

/** The value the file gives a name, read as JSON where Python and JSON write it alike. */
function valueOf(text: string, name: string): unknown {
  const start = text.indexOf(`\n${name} = `) + name.length + 4;
  const end = text.indexOf('\n\n', start);
  return JSON.parse(
    text
      .slice(start, end)
      .replace(/,(\s*[}\]])/g, '$1')
      .replace(/: None\b/g, ': null')
      .replace(/: (True|False)\b/g, (found) => found.toLowerCase()),
  );
}

const linkOf = (gbPerS: number): OffloadLink => ({
  ...{ name: 'custom', outGBPerS: gbPerS, inGBPerS: gbPerS, latencyMs: 0, shared: false },
});

interface Written {
  checkpoint: { module: string; save: Record<string, number[]>; calls: Record<string, number> }[];
  offload: {
    values: { value: string; operator: string; made: [string, string, number] }[];
    fetches: { at: string; values: string[] }[];
    calls: Record<string, Record<string, number>>;
  } | null;
  state: string[];
  place: Record<string, string>;
  devices: Record<string, string>;
}

describe('a plan as a PyTorch file', () => {
  test('checkpoints are carried whole: the same modules, the same numbers', async () => {
    const session = open(transformer);
    const plan = await planned(session, 'module-checkpoint');
    const { files, notCarried } = session.export(plan, 'pytorch');
    expect(notCarried).toEqual([]);
    const written = valueOf(files[0].text, 'PLAN') as Written;
    expect(written.checkpoint.length).toBeGreaterThan(0);
    expect(written.checkpoint.map(({ module }) => module)).toEqual(
      plan.decisions.map(({ target }) => target),
    );
    expect(valueOf(files[0].text, 'PREDICTED')).toMatchObject({
      saved_bytes: plan.prediction.savedBytes,
      peak_bytes: plan.prediction.peakBytes,
    });
  });

  test('what a module does after all that backward needs is left out of its policy, which would only hold it', async () => {
    const session = open(transformer);
    const { files } = session.export(await planned(session, 'selective'), 'pytorch');
    const { checkpoint } = valueOf(files[0].text, 'PLAN') as Written;
    expect(checkpoint.length).toBeGreaterThan(0);
    // The second sum of a block is its result.
    for (const { save } of checkpoint) expect(save.add ?? []).not.toContain(1);
  });

  test('a selective plan names calls by kind and number, below the number of calls of a run', async () => {
    const session = open(transformer);
    const plan = await planned(session, 'selective');
    const { files } = session.export(plan, 'pytorch');
    const { checkpoint } = valueOf(files[0].text, 'PLAN') as Written;
    expect(checkpoint.some(({ save }) => Object.keys(save).length > 0)).toBe(true);
    for (const { save, calls } of checkpoint) {
      expect(Object.keys(calls)).toEqual(Object.keys(save));
      for (const [kind, numbers] of Object.entries(save)) {
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        expect(Math.max(...numbers)).toBeLessThan(calls[kind]);
      }
    }
  });

  test('of calls that write to one storage the last one is kept, and counted among its kind', async () => {
    const file = path.resolve(import.meta.dirname, '../../../fixtures/pt2/residual.train.pt2');
    const session = PlannerSession.open(new MemoryByteSource(readFileSync(file)), 'residual.train.pt2');
    // Of each block all is kept but the first normalization: its result, the activation, and the sum are one storage each.
    const pins = ['conv2d_1', 'conv2d_3'].map((target): Decision => ({
      target,
      kind: 'operator',
      choice: 'recompute',
      pinned: true,
    }));
    const plan = await planned(session, 'selective', { pins }, 2);
    const { files, notCarried } = session.export(plan, 'pytorch');
    const { checkpoint } = valueOf(files[0].text, 'PLAN') as Written;
    expect(notCarried.map(({ decision }) => decision)).not.toContain('single operators of blocks.0');
    const blocks = checkpoint.filter(({ module }) => module.startsWith('blocks.'));
    expect(blocks.length).toBe(2);
    for (const { save, calls } of blocks) {
      // No sum and no normalization that an activation is then written over.
      expect(Object.keys(save)).not.toContain('add');
      expect(Object.keys(save)).not.toContain('batch_norm');
      expect(save.relu).toContain(1);
      expect(calls.relu).toBe(2);
    }
  });

  test.each([0.75, 0.8, 0.85, 0.9, 0.95])(
    'at %d of the peak a selective plan keeps its budget, or says that it cannot',
    async (share) => {
      const session = open(transformer);
      const plan = await planned(session, 'selective', {}, share);
      const { files, notCarried } = session.export(plan, 'pytorch');
      const { peak_bytes: peak } = valueOf(files[0].text, 'PREDICTED') as { peak_bytes: number };
      const isSaid = notCarried.some(({ decision }) => decision.startsWith('the budget of'));
      expect(peak > plan.budgetBytes).toBe(isSaid);
    },
  );

  test('what a schedule loses is said, in the file and beside it', async () => {
    const session = open(transformer);
    const plan = await planned(session, 'schedule');
    expect(plan.recomputations?.length).toBeGreaterThan(0);
    const { files, notCarried } = session.export(plan, 'pytorch');
    expect(notCarried.map(({ decision }) => decision)).toContain('the moments of the schedule');
    for (const { decision } of notCarried) expect(files[0].text).toContain(`# Not carried: ${decision}`);
  });

  test('what a module makes leaves, named by calls; what cannot be told apart is refused in words', async () => {
    const session = open(transformer);
    const rows = session.configure(session.defaultInputs([{ id: 'gpu0', name: 'T4', memoryBytes: 2 ** 34 }]));
    const module = rows.layers.find(({ kind, name }) => kind === 'module' && /\.1$/.test(name))!.name;
    const plan = await planned(session, 'module-checkpoint', {
      pins: [{ target: module, kind: 'module', choice: 'offload', pinned: true }],
    });
    const { files, notCarried } = session.export(plan, 'pytorch');
    const { offload, checkpoint } = valueOf(files[0].text, 'PLAN') as Written;
    expect(offload!.values.length).toBeGreaterThan(0);
    for (const { made } of offload!.values) {
      const [owner, kind, number] = made;
      expect(owner.startsWith(module)).toBe(true);
      expect(number).toBeLessThan(offload!.calls[owner][kind]);
      expect(checkpoint.map((region) => region.module)).not.toContain(owner);
    }
    const refused = notCarried.filter(({ decision }) => decision.startsWith('offloading'));
    for (const { decision } of refused) expect(files[0].text).toContain(`# Not carried: ${decision}`);
  });

  test('what a planner sends away comes back at moments of backward, in its order, with the bytes it says', async () => {
    const session = open(transformer);
    const plan = await planned(
      session,
      'module-checkpoint',
      { offload: { to: 'host', link: linkOf(1000) } },
      0.8,
    );
    expect(plan.offloads!.length).toBeGreaterThan(0);
    const { files } = session.export(plan, 'pytorch');
    const { offload, state } = valueOf(files[0].text, 'PLAN') as Written;
    const carried = offload?.values.map(({ value }) => value) ?? [];
    expect(carried.length + state.length).toBeGreaterThan(0);
    const named = new Set(plan.offloads!.map(({ value }) => value));
    for (const value of carried) expect(named).toContain(value);
    const fetched = offload?.fetches.flatMap(({ values }) => values) ?? [];
    expect(new Set(fetched).size).toBe(fetched.length);
    for (const value of fetched) expect(carried).toContain(value);
    const { out_bytes: out, back_bytes: back } = valueOf(files[0].text, 'PREDICTED') as Record<
      string,
      number
    >;
    expect(out).toBeGreaterThan(0);
    expect(back).toBeGreaterThan(0);
  });

  test('what should go to storage waits in host memory, and the file says so', async () => {
    const session = open(transformer);
    const plan = await planned(session, 'module-checkpoint', {
      offload: { to: 'storage', link: linkOf(1000) },
    });
    const { notCarried } = session.export(plan, 'pytorch');
    expect(notCarried.map(({ decision }) => decision)).toContain(
      'storage as the place for what is offloaded',
    );
  });

  test('layers on a second device are placed, and the model itself on the first', async () => {
    const session = open('tiny_mlp.train.onnx');
    const devices = [
      { id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * 2 ** 30 },
      { id: 'host', name: 'EPYC 9654 (CPU)', memoryBytes: 64 * 2 ** 30 },
    ];
    const rows = session.configure(session.defaultInputs(devices)).layers;
    const { name } = rows.filter(({ kind }) => kind === 'module').at(-1)!;
    const plan = await planned(session, 'module-checkpoint', {
      devices,
      pins: [{ target: name, kind: 'module', device: 'host', pinned: true }],
    });
    const written = valueOf(session.export(plan, 'pytorch').files[0].text, 'PLAN') as Written;
    expect(written.place).toEqual({ '': 'gpu0', [name]: 'host' });
    expect(written.devices).toEqual({ gpu0: 'cuda', host: 'cpu' });
  });

  test('a file name cannot leave the comment it stands in', async () => {
    const session = open('tiny_mlp.train.onnx', 'a\nimport os\r\u2028b.onnx');
    const { files } = session.export(await planned(session, 'module-checkpoint'), 'pytorch');
    const head = files[0].text.slice(0, files[0].text.indexOf('import argparse'));
    for (const line of head.trimEnd().split(/[\n\r\u2028]/)) expect(line).toMatch(/^#/);
  });

  test('the same plan gives the same bytes', async () => {
    const session = open(transformer);
    const plan = await planned(session, 'selective');
    expect(session.export(plan, 'pytorch')).toEqual(open(transformer).export(plan, 'pytorch'));
  });
});
