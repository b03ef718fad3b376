import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import { PlannerSession } from '../../../../planner-core/session/plannerSession';
import type { ScaleQuestion } from '../../../../planner-core/session/machines/scaleModel';
import { decoderOfLayers } from '../../../fixtures/generatedModels/decoderTransformer';
import { elementwiseChain } from '../../../fixtures/generatedModels/elementwiseChain';
import { onnxFile } from '../../../fixtures/onnx-builder/onnx';

const gib = 1024 ** 3;

function questionOf(session: PlannerSession): ScaleQuestion {
  const base = session.defaultInputs([{ id: 'gpu0', name: 'A100 SXM 80GB', memoryBytes: 80 * gib }]);
  const workload = {
    ...base.workload,
    ...({ precision: 'bf16', optimizer: 'adamw', loss: 'cross-entropy' } as const),
    dims: { batch: 1, seq: 512 },
  };
  return { inputs: { ...base, workload }, servers: 2, devicesPerServer: 4, globalBatch: 64 };
}

const decoderSession = (layers: number, hidden = 1024): PlannerSession => {
  const shape = { hidden, heads: 16, vocabulary: 8000, context: 512 };
  return PlannerSession.open(new MemoryByteSource(onnxFile(decoderOfLayers(layers, shape))), 'decoder.onnx');
};

describe('scaling a decoder', () => {
  const session = decoderSession(10);

  it('finds its layers, and shares them out among stages with all memory accounted for', async () => {
    const answer = await session.scale(questionOf(session));
    expect(answer.layers).toHaveLength(12);
    expect(answer.layers[1]).toBe('transformer.h.0');
    expect(answer.deviceCount).toBe(8);
    const one = answer.options.find(
      ({ tensor, stages, replicas, sharding }) =>
        tensor === 1 && stages === 1 && replicas === 8 && sharding === 0,
    )!;
    const { step, keepAllPeakBytes } = session.configure(questionOf(session).inputs);
    expect(step.nodeCount).toBeGreaterThan(100);
    // One device that keeps all is the single-device step: the same memory but for what is assumed of the loss.
    expect(one.stageList).toHaveLength(1);
    expect(one.stageList[0].recompute).toBe('none');
    expect(one.peakBytes / keepAllPeakBytes).toBeGreaterThan(0.95);
    expect(one.peakBytes / keepAllPeakBytes).toBeLessThan(1.1);
    const deep = answer.options.find(({ stages }) => stages === 4)!;
    const sizes = deep.stageList.map(({ from, to }) => to - from);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(12);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(2);
    expect(answer.options.every(({ stepMs }) => stepMs >= answer.boundMs)).toBe(true);
  });

  it('runs layers again where memory is short, the more the less there is', async () => {
    const { inputs, ...counts } = questionOf(session);
    const workload = { ...inputs.workload, dims: { batch: 16, seq: 512 } };
    const question = { ...counts, inputs: { ...inputs, workload }, globalBatch: 256 };
    const free = await session.scale(question);
    const rank = { none: 0, selective: 1, full: 2 } as const;
    const alone = (answer: typeof free) =>
      answer.options.find(({ replicas, sharding }) => replicas === 8 && sharding === 0);
    const peakBytes = alone(free)!.peakBytes;
    let last = 0;
    const seen = new Set<number>();
    for (const share of [1, 0.9, 0.8, 0.7]) {
      const option = alone(await session.scale({ ...question, memoryBytes: share * peakBytes }));
      if (!option) break;
      const now = rank[option.stageList[0].recompute];
      expect(option.peakBytes).toBeLessThanOrEqual(share * peakBytes);
      expect(now).toBeGreaterThanOrEqual(last);
      seen.add((last = now));
    }
    expect(seen.size).toBeGreaterThan(1);
  });

  it('refuses what cannot be asked', async () => {
    const question = questionOf(session);
    const inference = {
      ...question.inputs,
      workload: { ...question.inputs.workload, mode: 'inference' as const },
    };
    await expect(session.scale({ ...question, inputs: inference })).rejects.toMatchObject({
      code: 'bad-usage',
    });
    await expect(session.scale({ ...question, serverLink: 'string' })).rejects.toThrow(
      /There is no link "string"/,
    );
    await expect(session.scale({ ...question, device: 'abacus' })).rejects.toMatchObject({
      code: 'unknown-device',
    });
    await expect(session.scale({ ...question, microBatches: [0] })).rejects.toMatchObject({
      code: 'bad-usage',
    });
    await expect(session.scale({ ...question, servers: 0 })).rejects.toMatchObject({ code: 'bad-usage' });
    const chain = PlannerSession.open(new MemoryByteSource(onnxFile(elementwiseChain(20))), 'chain.onnx');
    const base = chain.defaultInputs(question.inputs.devices);
    await expect(chain.scale({ ...question, inputs: base })).rejects.toThrow(
      /no layers that follow each other/,
    );
  });
});

/**
 * Against a published step: GPT of 22 billion parameters (48 layers, hidden size 6144, 64 heads, sequence length 2048,
 * vocabulary 51,200) on 8 A100 80GB, tensor-parallel over all, a batch of 4: 1.10 s with selective recomputation and
 * sequence parallelism (Korthikanti et al., "Reducing Activation Recomputation in Large Transformer Models", MLSys 2023).
 */
it('is near a published step of a tensor-parallel decoder', async () => {
  const shape = { hidden: 6144, heads: 64, vocabulary: 51_200, context: 2048 };
  const session = PlannerSession.open(new MemoryByteSource(onnxFile(decoderOfLayers(48, shape))), 'gpt.onnx');
  const { inputs } = questionOf(session);
  const workload = { ...inputs.workload, dims: { batch: 1, seq: 2048 } };
  const { options } = await session.scale({
    inputs: { ...inputs, workload },
    servers: 1,
    devicesPerServer: 8,
    globalBatch: 4,
  });
  const eight = options.find(({ tensor }) => tensor === 8)!;
  expect(eight.stepMs / 1000).toBeGreaterThan(1.1 * 0.75);
  expect(eight.stepMs / 1000).toBeLessThan(1.1 * 1.35);
});
