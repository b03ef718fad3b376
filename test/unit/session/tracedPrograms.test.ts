import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { openFile } from '../../../planner-core/node/fileByteSource';
import type { PlanInputs } from '../../../planner-core/plan/planInputs';
import { PlannerSession } from '../../../planner-core/session/plannerSession';
import { defaultWorkload } from '../../../planner-core/step/workload';
import { archiveOf, fixture, measured, programJson, tensor, type ProgramSpec } from '../formats/pt2/programs';
import { samples } from '../formats/support';

const open = (bytes: Uint8Array): PlannerSession =>
  PlannerSession.open(new MemoryByteSource(bytes), 'net.pt2');

const sessions = {
  convnet: () => open(fixture('convnet.train.pt2')),
  transformer: () => {
    const source = openFile(path.join(samples, 'tiny_transformer.train.pt2'));
    const session = PlannerSession.open(source, 'tiny_transformer.train.pt2');
    source.close();
    return session;
  },
};

const inputsOf = (session: PlannerSession, workload: Partial<PlanInputs['workload']>): PlanInputs => ({
  ...session.defaultInputs([{ id: 'gpu0', name: 'A100 SXM 80GB', memoryBytes: 80 * 1024 ** 3 }]),
  workload: { ...defaultWorkload, loss: 'sum', semantics: 'cpu', ...workload },
});

describe('steps of traced programs', () => {
  it.each([
    ['convnet', { batch: 4 }],
    ['transformer', { batch: 3, seq: 12 }],
  ] as const)('keep for backward what PyTorch measured of the %s', (name, dims) => {
    const session = sessions[name]();
    const profile = session.profile(inputsOf(session, { dims }), 'none');
    expect(profile.savedBytes).toBe(measured[name].savedBytes);
    expect(profile.parameterBytes).toBe(measured[name].parameterBytes);
    expect(profile.gradientBytes).toBe(measured[name].trainedBytes);
    expect(profile.bufferBytes).toBe(measured[name].bufferBytes);
  });

  it('grow with the batch and need no weights', () => {
    const session = sessions.transformer();
    const at = (batch: number): number =>
      session.profile(inputsOf(session, { dims: { batch, seq: 16 } }), 'none').savedBytes;
    expect(at(8)).toBe(2 * at(4));
  });
});

const sizes = [4, 1024];
/** A linear layer, then `relu`, then a sum with what `relu` reads or makes. */
const chain = (relu: string, reads: string): ProgramSpec => ({
  inputs: ['x'],
  parameters: { w: 'fc.weight' },
  calls: [
    { target: 'aten.linear.default', inputs: { input: tensor('x'), weight: tensor('w') }, outputs: ['h'] },
    { target: 'aten.sigmoid.default', inputs: { self: tensor(reads) }, outputs: ['s'] },
    { target: `aten.${relu}.default`, inputs: { self: tensor('h') }, outputs: ['r'] },
    { target: 'aten.add.Tensor', inputs: { self: tensor('r'), other: tensor('s') }, outputs: ['y'] },
  ],
  outputs: ['y'],
  tensors: {
    x: { sizes },
    w: { sizes: [1024, 1024] },
    h: { sizes },
    s: { sizes },
    r: { sizes },
    y: { sizes },
  },
});

describe('calls that write in place', () => {
  const forwardPeak = (spec: ProgramSpec): number => {
    const session = open(archiveOf(programJson(spec)));
    return session.profile(inputsOf(session, { mode: 'inference', liveness: 'ideal' }), 'none').peakBytes;
  };
  const bytes = 4 * 1024 * 4;

  it('share the storage of what they overwrite', () => {
    const only = (relu: string): ProgramSpec => {
      const spec = chain(relu, 'x');
      return { ...spec, calls: [spec.calls[0], spec.calls[2]], outputs: ['r'] };
    };
    expect(forwardPeak(only('relu')) - forwardPeak(only('relu_'))).toBe(bytes);
    const session = open(archiveOf(programJson(only('relu_'))));
    const { step } = session.configure(inputsOf(session, {}));
    expect(step.nodeName).not.toContain('r');
  });

  it('keep a storage of their own where something has read the input before', () => {
    const session = open(archiveOf(programJson(chain('relu_', 'h'))));
    const { step } = session.configure(inputsOf(session, {}));
    expect(step.nodeName).toContain('r');
    const made = step.valueName.indexOf('r');
    expect(step.valueBytes[made]).toBe(bytes);
  });

  it('make recomputing what they overwrite recompute both', () => {
    const session = open(archiveOf(programJson(chain('relu_', 'x'))));
    const { step } = session.configure(inputsOf(session, {}));
    const node = step.nodeName.indexOf('h');
    expect(step.recomputable[node]).toBe(1);
    const elsewhere = open(archiveOf(programJson(chain('relu', 'x'))));
    const apart = elsewhere.configure(inputsOf(elsewhere, {})).step;
    const time = (of: typeof step, name: string): number => of.durationMs[of.nodeName.indexOf(name)];
    expect(time(step, 'h')).toBeCloseTo(time(apart, 'h') + time(apart, 'r'), 9);
  });

  it('keep the result where the other form keeps the input', () => {
    const savedBy = (name: string): number => {
      const session = open(archiveOf(programJson(chain(name, 'x'))));
      return session.profile(inputsOf(session, {}), 'none').savedBytes;
    };
    expect(savedBy('elu_')).toBe(savedBy('elu'));
    expect(savedBy('elu_')).toBe(bytes);
  });
});
