import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import type { ChunkQuestion } from '../../../../planner-core/session/chunks/chunkQuestion';
import { PlannerSession } from '../../../../planner-core/session/plannerSession';

const file = path.resolve('samples/tiny_transformer.train.pt2');
const session = PlannerSession.open(new MemoryByteSource(readFileSync(file)), 'tiny_transformer.train.pt2');
const base = session.defaultInputs([{ id: 'gpu0', name: 'T4', memoryBytes: 16 * 1024 ** 3 }]);
const inputs = {
  ...base,
  workload: { ...base.workload, optimizer: 'adamw' as const },
  offload: { to: 'host' as const },
};
const keepAllPeakBytes = session.configure(inputs).keepAllPeakBytes;
const question = (share: number, changes: Partial<ChunkQuestion> = {}): ChunkQuestion => ({
  ...{ inputs, budgetBytes: Math.floor(share * keepAllPeakBytes), updates: 'auto' },
  hostDevice: 'EPYC 9654 (CPU)',
  ...changes,
});

describe('model data in chunks, in a session', () => {
  it('answers with the fastest size under the budget and with the least memory', async () => {
    const { best, sizes, least, largest } = await session.chunks(question(0.8));
    expect(best!.peakBytes).toBeLessThanOrEqual(0.8 * keepAllPeakBytes);
    expect(least!.peakBytes).toBeLessThanOrEqual(best!.peakBytes);
    expect(sizes.length).toBeGreaterThan(1);
    for (const { stepTimeMs, chunkBytes, wasteBytes, modelDataBytes, peakBytes } of sizes) {
      expect(stepTimeMs).toBeGreaterThanOrEqual(best!.stepTimeMs);
      expect(chunkBytes).toBeGreaterThanOrEqual(largest.bytes);
      expect(wasteBytes).toBeLessThan(modelDataBytes);
      expect(peakBytes).toBeLessThanOrEqual(0.8 * keepAllPeakBytes);
    }
    // The last resort is one: nothing fits less.
    const { best: none } = await session.chunks(question(0, { budgetBytes: least!.peakBytes - 1 }));
    expect(none).toBeUndefined();
    const { best: there } = await session.chunks(question(0, { budgetBytes: least!.peakBytes }));
    expect(there!.stepTimeMs).toBe(least!.stepTimeMs);
  });

  it('is never slower with a faster link, and moves nothing where all of it fits', async () => {
    const link = (gbPerS: number) => ({
      ...{ name: 'custom', outGBPerS: gbPerS, inGBPerS: gbPerS, latencyMs: 0, shared: false },
    });
    const over = (gbPerS: number) =>
      session.chunks(
        question(0.8, {
          updates: 'host',
          inputs: { ...inputs, offload: { to: 'host', link: link(gbPerS) } },
        }),
      );
    const slow = await over(0.5);
    const fast = await over(64);
    expect(fast.best!.stepTimeMs).toBeLessThan(slow.best!.stepTimeMs);
    const roomy = await session.chunks(question(4, { updates: 'device' }));
    expect([roomy.best!.inBytes, roomy.best!.outBytes, roomy.best!.hostMs]).toEqual([0, 0, 0]);
    const host = await session.chunks(question(4, { updates: 'host' }));
    expect(host.best!.updatedOnDevice).toBe(0);
    expect(host.best!.hostMs).toBeGreaterThan(0);
  });

  it.each<[string, Partial<ChunkQuestion>, string]>([
    ['a chunk smaller than a parameter', { chunkBytes: 8 }, 'does not hold'],
    [
      'no optimizer',
      { inputs: { ...inputs, workload: { ...inputs.workload, optimizer: 'none' } } },
      'no optimizer',
    ],
    [
      'inference',
      { inputs: { ...inputs, workload: { ...inputs.workload, mode: 'inference' } } },
      'for training',
    ],
    [
      'several devices',
      { inputs: { ...inputs, devices: [...inputs.devices, { ...inputs.devices[0], id: 'gpu1' }] } },
      'one device',
    ],
    [
      'a pin that offloads',
      { inputs: { ...inputs, pins: [{ target: 'x', kind: 'module', choice: 'offload', pinned: true }] } },
      'pin of x',
    ],
  ])('refuses %s', async (_, changes, what) => {
    await expect(session.chunks(question(0.8, changes))).rejects.toMatchObject({
      code: 'bad-usage',
      message: expect.stringContaining(what) as string,
    });
  });

  it('knows only devices of the catalogue', async () => {
    await expect(session.chunks(question(0.8, { hostDevice: 'abacus' }))).rejects.toMatchObject({
      code: 'unknown-device',
    });
  });

  it('has no answer where the host is too small', async () => {
    const small = { ...inputs, offload: { to: 'host' as const, memoryBytes: 1 } };
    const answer = await session.chunks(question(0.8, { inputs: small, updates: 'host' }));
    expect([answer.best, answer.least, answer.sizes]).toEqual([undefined, undefined, []]);
  });
});
