import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import { deviceNamed } from '../../../../planner-core/devices/catalogue';
import { linkBetween } from '../../../../planner-core/devices/linkCatalogue';
import type { Edit, PlanInputs } from '../../../../planner-core/plan/planInputs';
import { PlannerSession } from '../../../../planner-core/session/plannerSession';
import { residualCnn } from '../../../fixtures/generatedModels/residualCnn';
import { onnxFile } from '../../../fixtures/onnx-builder/onnx';

const session = PlannerSession.open(new MemoryByteSource(onnxFile(residualCnn(60))), 'cnn.onnx');

const deviceOf = (id: string, name: string) => ({ id, name, memoryBytes: deviceNamed(name).memoryBytes });

function inputsOf(mode: 'inference' | 'training', link = 'ethernet1g'): PlanInputs {
  const devices = [deviceOf('server', 'L4'), deviceOf('edge', 'Raspberry Pi 5 (CPU)')];
  const base = session.defaultInputs(devices);
  const workload = { ...base.workload, mode, dims: { batch: 1 } };
  return { ...base, workload, links: [linkBetween(['edge', 'server'], link)] };
}

describe('splitting a model between an edge device and a server', () => {
  it('sends less the slower the link is, names what is sent, and never loses to either device alone', async () => {
    const inputs = inputsOf('inference');
    const { now, segments, aloneMs, gbPerS } = await session.split({ inputs, between: ['edge', 'server'] });
    expect(gbPerS).toBeCloseTo(0.119, 6);
    expect(now.totalMs).toBeLessThanOrEqual(aloneMs[0] + 1e-9);
    expect(now.boundMs).toBe(now.totalMs);
    expect(segments.length).toBeGreaterThan(1);
    for (const [i, { split, slowMs, fastMs, fromGbPerS, toGbPerS }] of segments.entries()) {
      expect(slowMs).toBeGreaterThanOrEqual(fastMs);
      expect(slowMs).toBeLessThanOrEqual(aloneMs[0] + 1e-6);
      expect(split.sent.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(split.sentBytes);
      if (i === 0) continue;
      expect(fromGbPerS).toBe(segments[i - 1].toGbPerS);
      expect(slowMs).toBeCloseTo(segments[i - 1].fastMs, 6);
      expect(split.sentBytes).toBeGreaterThan(segments[i - 1].split.sentBytes);
      if (gbPerS >= fromGbPerS && gbPerS < toGbPerS) expect(now.totalMs).toBeLessThanOrEqual(slowMs);
    }
    const fast = segments.at(-1)!.split;
    expect(fast.operators[1]).toBeGreaterThan(0);
    expect(new Set(fast.sent.map(({ from }) => from))).toEqual(new Set(['edge', 'server']));
  });

  it('is taken over by its edit', async () => {
    const inputs = inputsOf('inference');
    const { segments } = await session.split({ inputs, between: ['edge', 'server'] });
    const { edit } = segments.at(-1)!.split as { edit: Extract<Edit, { kind: 'several' }> };
    const devices = edit.edits.map((part) => (part.kind === 'device' ? part.device : undefined));
    expect(devices).toEqual(['edge', 'server']);
    const targets = edit.edits.flatMap((part) => (part.kind === 'device' ? part.targets : []));
    const known = new Set(session.configure(inputs).layers.map(({ name }) => name));
    expect(targets.length).toBeGreaterThan(0);
    expect(targets.every(({ target }) => known.has(target))).toBe(true);
  });

  it('keeps training together where its gradients would cost more than the server saves', async () => {
    const { now, segments } = await session.split({
      inputs: inputsOf('training'),
      between: ['edge', 'server'],
    });
    expect(now.totalMs).toBeGreaterThan(0);
    expect(segments[0].split.sentBytes).toBeLessThanOrEqual(segments.at(-1)!.split.sentBytes);
  });

  it('respects pins, and says what cannot be asked', async () => {
    const inputs = inputsOf('inference');
    const [, layer] = session
      .configure(inputs)
      .layers.filter(({ kind, parent }) => kind === 'module' && parent === -1);
    const pins = [{ target: layer.name, kind: 'module' as const, device: 'edge', pinned: true }];
    const { segments } = await session.split({ inputs: { ...inputs, pins }, between: ['edge', 'server'] });
    const free = await session.split({ inputs, between: ['edge', 'server'] });
    expect(segments.at(-1)!.fastMs).toBeGreaterThan(free.segments.at(-1)!.fastMs);
    const ask = (between: readonly [string, string], gbPerS?: readonly [number, number]) =>
      session.split({ inputs, between, gbPerS });
    await expect(ask(['edge', 'moon'])).rejects.toMatchObject({ code: 'unknown-device' });
    await expect(ask(['edge', 'edge'])).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(ask(['edge', 'server'], [10, 1])).rejects.toMatchObject({ code: 'bad-usage' });
  });
});
