import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { findDevice } from '../../../planner-core/devices/catalogue';
import type { PlanDevice } from '../../../planner-core/plan/plan';
import {
  checkAllocatorSettings,
  defaultAllocatorSettings,
  keepsCublasWorkspace,
} from '../../../planner-core/session/allocatorSettings';
import { PlannerSession } from '../../../planner-core/session/plannerSession';
import type { Workload } from '../../../planner-core/step/workload';

const MiB = 2 ** 20;
const handleBytes = 8_519_680;
const samples = path.resolve(import.meta.dirname, '../../../samples');

function open(name: string): PlannerSession {
  return PlannerSession.open(new MemoryByteSource(readFileSync(path.join(samples, name))), name);
}

const gpt2 = open('gpt2_small.train.onnx');
const unet = open('unet.train.onnx');

function device(name: string, id = 'gpu0'): PlanDevice {
  return { id, name, memoryBytes: findDevice(name)!.memoryBytes };
}

function inputsOf(session: PlannerSession, devices: readonly PlanDevice[], changes: Partial<Workload> = {}) {
  const base = session.defaultInputs(devices);
  const dims = { batch: 2, seq: 128, height: 64, width: 64 };
  return { ...base, workload: { ...base.workload, dims, optimizer: 'adamw' as const, ...changes } };
}

const profileOf = (session: PlannerSession, name: string, changes: Partial<Workload> = {}) =>
  session.profile(inputsOf(session, [device(name)], changes), 'none');

describe('the allocator view of a profile', () => {
  it('goes from what tensors request up to what nvidia-smi shows', () => {
    const profile = profileOf(gpt2, 'RTX 4090');
    const view = profile.allocator!;
    expect(view.requestedPeakBytes).toBe(profile.peakBytes);
    expect(view.peaks.requested).toEqual(profile.peak);
    expect(view.workspaceBytes).toBe(2 * handleBytes);
    expect(view.allocatedPeakBytes).toBeGreaterThanOrEqual(view.requestedPeakBytes + view.workspaceBytes);
    expect(view.reservedPeakBytes).toBeGreaterThanOrEqual(view.allocatedPeakBytes);
    expect(view.reservedPeakBytes % (2 * MiB)).toBe(0);
    expect(view.totalBytes).toBe(view.reservedPeakBytes + 450 * MiB);
    expect(view.breakdown.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(view.totalBytes);
    expect(view.fit).toBe('fits');
    expect(profile.allocators).toBeUndefined();
  });

  it.each([
    { optimizer: 'adam', optimizerUpdate: 'fused' },
    { optimizer: 'adamw', optimizerUpdate: 'foreach' },
    { optimizer: 'momentum', zeroGrad: 'zero' },
    { optimizer: 'adamw', microBatches: 3 },
    { optimizer: 'adamw', stepKind: 'first' },
    { precision: 'bf16-autocast', loss: 'cross-entropy' },
    { mode: 'inference' },
  ] as const)('requests what the simulator counts under %o', (changes) => {
    const profile = profileOf(gpt2, 'A100 40GB', changes);
    const view = profile.allocator!;
    expect(view.requestedPeakBytes).toBe(profile.peakBytes);
    expect(view.allocatedPeakBytes).toBeGreaterThan(view.requestedPeakBytes);
    expect(view.reservedPeakBytes).toBeGreaterThanOrEqual(view.allocatedPeakBytes);
    expect(view.breakdown.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(view.totalBytes);
  });

  it('asks the device for the size of cuBLAS workspaces, and counts them only where matrices are multiplied', () => {
    expect(profileOf(gpt2, 'H100 SXM').allocator!.workspaceBytes).toBe(2 * 32 * MiB);
    expect(profileOf(gpt2, 'RTX 4090', { mode: 'inference' }).allocator!.workspaceBytes).toBe(handleBytes);
    const convolutional = profileOf(unet, 'RTX 4090').allocator!;
    expect(convolutional.workspaceBytes).toBe(0);
    expect(convolutional.unknown.join()).toContain('cuDNN');
    expect(profileOf(gpt2, 'RTX 4090').allocator!.unknown).toEqual([]);
  });

  it('leaves out what is switched off', () => {
    const inputs = inputsOf(gpt2, [device('RTX 4090')]);
    const settings = { ...defaultAllocatorSettings, contextBytes: 0, cublasWorkspace: 'none' as const };
    const view = gpt2.profile(inputs, 'none', settings).allocator!;
    expect([view.contextBytes, view.contextToleranceBytes, view.workspaceBytes]).toEqual([0, 0, 0]);
    expect(view.totalBytes).toBe(view.reservedPeakBytes);
    expect(view.breakdown.map(({ label }) => label)).not.toContain('CUDA context');
  });

  it('wastes less with expandable segments', () => {
    const inputs = inputsOf(gpt2, [device('RTX 4090')]);
    const expandable = gpt2.profile(inputs, 'none', { ...defaultAllocatorSettings, allocator: 'expandable' });
    const ordinary = gpt2.profile(inputs, 'none').allocator!;
    expect(expandable.allocator!.requestedPeakBytes).toBe(ordinary.requestedPeakBytes);
    expect(expandable.allocator!.allocatedPeakBytes).toBeLessThan(ordinary.allocatedPeakBytes);
    expect(expandable.allocator!.reservedPeakBytes).toBeLessThan(ordinary.reservedPeakBytes);
  });

  it.each([
    ['CPU kernels', 'RTX 4090', 'cpu'],
    ['a processor', 'Xeon 8480+ (CPU)', 'cuda'],
    ['a TPU', 'TPU v4', 'cuda'],
  ] as const)('is absent for %s', (_, name, semantics) => {
    expect(profileOf(gpt2, name, { semantics }).allocator).toBeUndefined();
  });

  it('says where memory runs out, and when giving back cached segments is enough', () => {
    const whole = profileOf(gpt2, 'RTX 4090').allocator!;
    const within = (memoryBytes: number) => {
      const devices = [{ ...device('RTX 4090'), memoryBytes }];
      return gpt2.profile(inputsOf(gpt2, devices), 'none').allocator!;
    };
    expect(within(whole.totalBytes).fit).toBe('fits');
    const tight = within(whole.totalBytes - 1);
    expect(tight.fit).toBe('fits-after-retries');
    expect(tight.totalBytes).toBeLessThan(whole.totalBytes);
    const full = within(whole.allocatedPeakBytes);
    expect(full.fit).toBe('out-of-memory');
    expect(full.outOfMemory!.node).not.toBe('');
    // What would be needed is still said.
    expect(full.totalBytes).toBe(whole.totalBytes);
  });

  it('has a view for each CUDA device of several', () => {
    const devices = [device('RTX 4090'), device('Xeon 8480+ (CPU)', 'cpu0'), device('T4', 'gpu1')];
    const { allocator, allocators } = gpt2.profile(inputsOf(gpt2, devices), 'none');
    expect(allocators!.map((view) => view.device)).toEqual(['gpu0', 'gpu1']);
    expect(allocators![0]).toEqual(allocator);
    expect(allocators![1].requestedPeakBytes).toBe(0);
  });

  it('says of each device that is too small that it is', () => {
    const small = [device('RTX 4090'), device('T4', 'gpu1')].map((one) => ({
      ...one,
      memoryBytes: 512 * MiB,
    }));
    const { allocators } = gpt2.profile(
      {
        ...inputsOf(gpt2, small),
        pins: [{ target: 'transformer.h.3', kind: 'module', device: 'gpu1', pinned: true }],
      },
      'none',
    );
    expect(allocators!.map(({ fit }) => fit)).toEqual(['out-of-memory', 'out-of-memory']);
    expect(allocators!.filter(({ outOfMemory }) => outOfMemory)).toHaveLength(1);
  });

  it('comes with every plan', async () => {
    const inputs = { ...inputsOf(gpt2, [device('RTX 4090')]), budgetBytes: 2200 * MiB };
    const { plan, allocators } = await gpt2.plan(inputs);
    expect(allocators![0].requestedPeakBytes).toBe(plan.prediction.peakBytes);
  });
});

describe('allocator settings', () => {
  it.each([
    ['pytorch 2.13.0', true],
    ['pytorch 2.14.0', false],
    ['pytorch 1.13.1', true],
    ['keras', true],
  ])('take workspaces of %s for kept: %s', (producer, kept) => {
    expect(keepsCublasWorkspace(defaultAllocatorSettings, producer)).toBe(kept);
  });

  it.each([{ roundupPower2Divisions: 3 }, { roundupPower2Divisions: 0.5 }, { maxSplitSizeMiB: 20 }])(
    'refuse %o as PyTorch does',
    (changes) => {
      expect(() => checkAllocatorSettings({ ...defaultAllocatorSettings, ...changes })).toThrow(/is /);
    },
  );
});
