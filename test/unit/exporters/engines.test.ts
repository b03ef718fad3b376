import { beforeAll, describe, expect, test } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import {
  exportTargets,
  frontierTargets,
  type Export,
  type ExportTarget,
} from '../../../planner-core/exporters/targets';
import type { Plan } from '../../../planner-core/plan/plan';
import type { PlannerSession } from '../../../planner-core/session/plannerSession';
import { bytesOf, cards, openSample, planned } from './plannedModel';

const file = 'gpt2_small.train.onnx';
const block = (index: number): string => `transformer.h.${index}`;
let session: PlannerSession;
/** Four checkpointed blocks, an offloaded one, an operator of its own, and the last half on a second device. */
let everything: Plan;
let checkpoints: Plan;

beforeAll(async () => {
  session = openSample(file);
  const operator = session
    .configure(session.defaultInputs(cards(1)))
    .layers.find(({ name, kind }) => kind === 'operator' && name.includes('h.5/mlp/act'))!.name;
  const devices = cards(2);
  const pinned = true;
  everything = await planned(session, {
    devices,
    pins: [
      ...[0, 1, 2, 3].map(
        (i) => ({ target: block(i), kind: 'module', choice: 'recompute', pinned }) as const,
      ),
      ...[6, 7, 8, 9, 10, 11].map(
        (i) => ({ target: block(i), kind: 'module', device: 'gpu1', pinned }) as const,
      ),
      { target: block(4), kind: 'module', choice: 'offload', pinned },
      { target: operator, kind: 'operator', choice: 'recompute', pinned },
      { target: 'transformer.ln_f', kind: 'module', device: 'gpu1', pinned },
      { target: 'lm_head', kind: 'module', device: 'gpu1', pinned },
    ],
  });
  const pins = [0, 1, 2].map(
    (i) => ({ target: block(i), kind: 'module', choice: 'recompute', pinned }) as const,
  );
  checkpoints = await planned(session, { pins });
});

/** A plan that has to recompute: activations are most of the peak. */
async function tightened(strategy: Plan['strategy']): Promise<Plan> {
  const base = session.defaultInputs(cards(1));
  const workload = { ...base.workload, dims: { batch: 8, seq: 512 } };
  const { keepAllPeakBytes } = session.configure({ ...base, workload });
  return planned(session, { workload, strategy, budgetBytes: Math.ceil(keepAllPeakBytes * 0.85) });
}

/** Those that show the frontier are tried with the report. */
const targets = exportTargets.filter((target) => !frontierTargets.has(target));

const exported = (plan: Plan, target: ExportTarget): Export =>
  session.export(plan, target, new MemoryByteSource(bytesOf(file)));
const ofEverything = new Map<ExportTarget, Export>();

/** The export of `everything`, made once a target. */
function exportedEverything(target: ExportTarget): Export {
  const made = ofEverything.get(target) ?? exported(everything, target);
  ofEverything.set(target, made);
  return made;
}

const textOf = ({ files, copy }: Export): string =>
  copy
    ? copy.pieces
        .map((piece) => (piece instanceof Uint8Array ? new TextDecoder().decode(piece) : ''))
        .join('')
    : files.map(({ text }) => text).join('\n');

/** What each engine has no words for: one word of each decision. */
const leftOut: Record<string, readonly RegExp[]> = {
  fsdp2: [/recomputed one by one/, /offloaded/, /layers on gpu0, gpu1/],
  pipelining: [/checkpointed/, /recomputed one by one/, /offloaded/, /predicted peaks/],
  deepspeed: [/recomputed one by one/, /offloaded/, /layers on gpu0, gpu1/, /checkpointed/],
  accelerate: [/checkpointed/, /recomputed one by one/, /offloaded/],
  megatron: [/offloaded/, /layers on gpu0, gpu1/, /run again/],
  'compile-budget': [/offloaded/, /layers on gpu0, gpu1/, /run again/],
  jax: [/offloaded/, /layers on gpu0, gpu1/],
};

describe.each(Object.entries(leftOut))('%s', (target, decisions) => {
  const name = target as ExportTarget;

  test('lists every decision it has no words for, and writes the list down', () => {
    const result = exportedEverything(name);
    for (const decision of decisions)
      expect(result.notCarried.map((item) => item.decision).join('\n')).toMatch(decision);
    const text = textOf(result);
    for (const item of result.notCarried)
      for (const part of [item.decision, item.why, item.instead])
        expect(text.includes(part) || text.includes(JSON.stringify(part))).toBe(true);
  });

  test('writes the same bytes for the same plan', () => {
    expect(textOf(exported(everything, name))).toBe(textOf(exportedEverything(name)));
  });
});

test('every target has an answer or says why not', () => {
  for (const target of targets) {
    if (target === 'pipelining') expect(() => exported(checkpoints, target)).toThrow(/runs on one device/);
    else
      expect(
        exported(checkpoints, target).files.length + (exported(checkpoints, target).copy ? 1 : 0),
      ).toBeGreaterThan(0);
  }
});

test('FSDP2 checkpoints the planned modules and shards every block', () => {
  const { files, notCarried } = exported(checkpoints, 'fsdp2');
  const [, checkpointed] = /CHECKPOINT = (\[[^\]]*\])/.exec(files[0].text)!;
  const [, sharded] = /SHARD = (\[[^\]]*\])/.exec(files[0].text)!;
  expect(JSON.parse(checkpointed)).toEqual([0, 1, 2].map(block));
  expect(JSON.parse(sharded.replace(/,\s*\]/, ']'))).toEqual(Array.from({ length: 12 }, (_, i) => block(i)));
  expect(notCarried).toEqual([]);
});

test('a pipeline is split where the device changes', () => {
  const { files } = exported(everything, 'pipelining');
  expect(files[0].text).toContain(`SPLIT_POINTS = ["${block(6)}"]`);
  expect(files[0].text).toContain('DEVICES = ["gpu0", "gpu1"]');
});

describe('stages that devices share', () => {
  const shared = (...replicas: [string, string[]][]): Plan => ({
    ...everything,
    devices: cards(4),
    objective: 'throughput',
    replicas: replicas.map(([device, others]) => ({ device, replicas: others })),
  });
  const decisionsOf = (plan: Plan, target: (typeof exportTargets)[number]): string =>
    exported(plan, target)
      .notCarried.map(({ decision }) => decision)
      .join('\n');

  test('are pipelines side by side where all stages are shared by as many', () => {
    const plan = shared(['gpu0', ['gpu2']], ['gpu1', ['gpu3']]);
    const { text } = exported(plan, 'pipelining').files[0];
    expect(text).toContain('DEVICES = [["gpu0", "gpu2"], ["gpu1", "gpu3"]]');
    expect(text).toContain('COPIES = 2');
    expect(text).toContain('MICRO_BATCHES = 2');
    expect(decisionsOf(plan, 'pipelining')).not.toContain('share');
  });

  test('are left out with words where they are not', () => {
    const plan = shared(['gpu0', ['gpu2', 'gpu3']]);
    const { text } = exported(plan, 'pipelining').files[0];
    expect(text).toContain('COPIES = 1');
    expect(text).toContain('DEVICES = ["gpu0", "gpu1"]');
    for (const target of targets) {
      if (/json|timeline|csv|markdown/.test(target)) continue;
      expect(decisionsOf(plan, target), target).toContain('gpu0, gpu2, gpu3 share');
    }
  });
});

test('Megatron says the first N layers exactly, and that nothing else runs', () => {
  const { files, notCarried } = exported(checkpoints, 'megatron');
  const [, count] = /--recompute-method block --recompute-num-layers (\d+)\)/.exec(files[0].text) ?? [];
  // The budget is wide: nothing has to run again, and Megatron's fastest does not.
  expect(count).toBeUndefined();
  expect(files[0].text).toContain('RECOMPUTE_ARGS=()');
  expect(notCarried.map(({ decision }) => decision)).toEqual(['which modules and operators run again']);
});

test('Megatron under a tight budget stays within it', async () => {
  const tight = await tightened('module-checkpoint');
  const { carried, notCarried, files } = exported(tight, 'megatron');
  expect(files[0].text).toMatch(/RECOMPUTE_ARGS=\(--recompute-granularity (full|selective)/);
  expect(carried[1]).toContain('within the budget');
  expect(notCarried.map(({ decision }) => decision)).not.toContain('the budget');
});

test('JAX policies say a whole-block plan exactly', () => {
  const { files } = exported(checkpoints, 'jax');
  const policies = [...files[0].text.matchAll(/"(transformer\.h\.\d+)": "(\w+)"/g)].map(
    ([, , policy]) => policy,
  );
  expect(policies.slice(0, 3)).toEqual(Array(3).fill('nothing_saveable'));
  expect(new Set(policies.slice(3))).toEqual(new Set(['everything_saveable']));
});

test('the fraction for torch.compile reaches the peak of the plan, or the export says that none does', async () => {
  const tight = await tightened('schedule');
  const { files, notCarried } = exported(tight, 'compile-budget');
  const fraction = Number(/ACTIVATION_MEMORY_BUDGET = ([\d.]+)/.exec(files[0].text)![1]);
  expect(fraction).toBeGreaterThanOrEqual(0);
  expect(fraction).toBeLessThanOrEqual(1);
  const reaches = notCarried.every(({ decision }) => !decision.startsWith('the peak'));
  const [, sign] = /the plan: [^)]*, ([+−])/.exec(files[0].text)!;
  expect(sign === '−' || files[0].text.includes('+0.0 %')).toBe(reaches);
});

describe('DeepSpeed', () => {
  const stageOf = (plan: Plan): { stage: number; offload_optimizer?: object } =>
    (
      JSON.parse(exported(plan, 'deepspeed').files[0].text) as {
        zero_optimization: { stage: number; offload_optimizer?: object };
      }
    ).zero_optimization;

  test('divides states no further than the budget asks', async () => {
    const workload = {
      ...session.defaultInputs(cards(1)).workload,
      dims: { batch: 2, seq: 128 },
      optimizer: 'adamw',
    } as const;
    const plan = await planned(session, { workload, devices: cards(4) });
    const { peakBytes } = plan.prediction;
    const under = (share: number): Plan => ({ ...plan, budgetBytes: Math.floor(peakBytes * share) });
    expect(stageOf(under(1)).stage).toBe(0);
    const stages = [0.99, 0.8, 0.6, 0.5, 0.3].map((share) => stageOf(under(share)).stage);
    expect(stages).toEqual([...stages].sort());
    expect(stages[0]).toBe(1);
    expect(stageOf(under(0.05))).toMatchObject({ stage: 3, offload_optimizer: { device: 'cpu' } });
  });
});
