import fc from 'fast-check';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { openFile } from '../../../planner-core/node/fileByteSource';
import type { PlanInputs } from '../../../planner-core/plan/planInputs';
import { PlannerSession } from '../../../planner-core/session/plannerSession';
import { ValueKind } from '../../../planner-core/step/stepGraph';
import { defaultWorkload, type Precision } from '../../../planner-core/step/workload';
import { archiveOf, fixture, measured, programJson, tensor, type ProgramSpec } from '../formats/pt2/programs';
import { samples } from '../formats/support';

const open = (bytes: Uint8Array): PlannerSession =>
  PlannerSession.open(new MemoryByteSource(bytes), 'net.pt2');

const sessions = {
  convnet: () => open(fixture('convnet.train.pt2')),
  returned: () => open(fixture('returned.train.pt2')),
  residual: () => open(fixture('residual.train.pt2')),
  autocast: () => open(fixture('autocast.train.pt2')),
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
    ['returned', { batch: 4 }],
    ['residual', { batch: 2 }],
    ['autocast', { batch: 4 }],
  ] as const)('keep for backward what PyTorch measured of the %s', (name, dims) => {
    const session = sessions[name]();
    const profile = session.profile(inputsOf(session, { dims }), 'none');
    expect(profile.savedBytes).toBe(measured[name].savedBytes);
    expect(profile.parameterBytes).toBe(measured[name].parameterBytes);
    expect(profile.gradientBytes).toBe(measured[name].trainedBytes);
    expect(profile.bufferBytes).toBe(measured[name].bufferBytes);
  });

  it('run in the autocast that the program switches on, and say so', () => {
    const session = sessions.autocast();
    const at = (precision: Precision) =>
      session.profile(inputsOf(session, { dims: { batch: 4 }, precision }), 'none');
    const own = at('fp32');
    const asked = at('bf16-autocast');
    expect(own.timeline).toEqual(asked.timeline);
    expect(own.assumptions).toEqual(asked.assumptions);
    expect(own.diagnostics.map(({ code }) => code)).toContain('own-autocast');
    expect(asked.diagnostics.map(({ code }) => code)).not.toContain('own-autocast');
    const without = sessions.residual();
    const { diagnostics } = without.profile(inputsOf(without, { dims: { batch: 2 } }), 'none');
    expect(diagnostics.map(({ code }) => code)).not.toContain('own-autocast');
  });

  it('warn of sizes that only the data tells, until they are given', () => {
    const spec: ProgramSpec = {
      inputs: ['x'],
      calls: [{ target: 'aten.nonzero.default', inputs: { self: tensor('x') }, outputs: ['y'] }],
      outputs: ['y'],
      tensors: { x: { sizes: [16] }, y: { sizes: ['u0', 1], dtype: 5 } },
    };
    const session = open(archiveOf(programJson(spec)));
    const codes = (dims: Record<string, number>): string[] =>
      session.configure(inputsOf(session, { dims })).diagnostics.map(({ code }) => code);
    expect(codes({})).toContain('unknown-size');
    expect(codes({ u0: 3 })).not.toContain('unknown-size');
  });

  it('assume sizes the program was exported for, and warn of others', () => {
    const session = sessions.transformer();
    expect(session.summary.dims).toEqual([
      { name: 'batch', assumed: 8 },
      { name: 'seq', assumed: 32 },
    ]);
    const codes = (seq: number): string[] =>
      session.configure(inputsOf(session, { dims: { batch: 3, seq } })).diagnostics.map(({ code }) => code);
    expect(codes(32)).not.toContain('outside-range');
    expect(codes(33)).toContain('outside-range');
  });

  it('grow with the batch and need no weights', () => {
    const session = sessions.transformer();
    const at = (batch: number): number =>
      session.profile(inputsOf(session, { dims: { batch, seq: 16 } }), 'none').savedBytes;
    expect(at(8)).toBe(2 * at(4));
  });
});

describe('parameters that a model returns', () => {
  const workloads = fc.record({
    loss: fc.constantFrom('sum', 'none', 'cross-entropy'),
    optimizer: fc.constantFrom('none', 'adamw'),
    microBatches: fc.constantFrom(1, 2),
    zeroGrad: fc.constantFrom('set-to-none', 'zero'),
    modelOutput: fc.constantFrom('held', 'dropped'),
    checkpointing: fc.constantFrom('non-reentrant', 'reentrant'),
  } as const);

  it('have a gradient from the loss, and state of the optimizer', () => {
    const session = sessions.returned();
    const { trainedBytes } = measured.returned;
    const profile = session.profile(inputsOf(session, { optimizer: 'adamw', dims: { batch: 4 } }), 'none');
    expect(profile.gradientBytes).toBe(trainedBytes);
    const { step } = session.configure(inputsOf(session, { optimizer: 'adamw', dims: { batch: 4 } }));
    const state = step.valueBytes.filter((_, value) => step.valueKind[value] === ValueKind.optimizerState);
    // Two averages of each element, and a counter of steps for each of the four parameters.
    expect(state.reduce((sum, bytes) => sum + bytes, 0)).toBe(2 * trainedBytes + 4 * 4);
  });

  it('alone are a whole step, whatever the workload', () => {
    const alone = (sizes: readonly number[]): PlannerSession =>
      open(
        archiveOf(
          programJson({ parameters: { w: 'w' }, calls: [], outputs: ['w'], tensors: { w: { sizes } } }),
        ),
      );
    fc.assert(
      fc.property(
        workloads,
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
        (workload, shape) => {
          for (const session of [sessions.returned(), alone(shape)]) {
            const inputs = inputsOf(session, workload);
            // Cross entropy has a gradient for what it is given only: the first result.
            const trained = session.profile(inputs, 'none').gradientBytes;
            expect(trained).toBeGreaterThan(0);
            if (workload.loss !== 'cross-entropy')
              expect(trained).toBe(session.profile(inputs, 'none').parameterBytes);
          }
        },
      ),
      { numRuns: 60 },
    );
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

describe('programs whose shapes cannot be', () => {
  /** One call of every kind that reads sizes of its operands, on tensors of arbitrary ranks. */
  const targets: readonly (readonly [target: string, ...names: readonly string[]])[] = [
    ['aten.conv2d.default', 'input', 'weight', 'bias'],
    ['aten.conv_transpose2d.input', 'input', 'weight', 'bias'],
    ['aten.linear.default', 'input', 'weight', 'bias'],
    ['aten.addmm.default', 'mat1', 'mat2', 'self'],
    ['aten.matmul.default', 'self', 'other'],
    ['aten.scaled_dot_product_attention.default', 'query', 'key', 'value', 'attn_mask'],
    ['aten.batch_norm.default', 'input', 'weight', 'bias'],
    ['aten.layer_norm.default', 'input', 'weight', 'bias'],
    ['aten.group_norm.default', 'input', 'weight', 'bias'],
    ['aten.embedding.default', 'weight', 'indices'],
    ['aten.max_pool2d.default', 'self'],
    ['aten.transpose.int', 'self'],
    ['aten.permute.default', 'self'],
    ['aten.view.default', 'self'],
    ['aten.expand.default', 'self'],
    ['aten.select.int', 'self'],
    ['aten.unbind.int', 'self'],
    ['aten.cat.default', 'self'],
    ['aten.softmax.int', 'self'],
    ['aten.sum.dim_IntList', 'self'],
    ['aten.dropout_.default', 'self'],
    ['aten.copy_.default', 'self', 'src'],
    ['aten.contiguous.default', 'self'],
    ['aten.lstm.input', 'input', 'hx', 'params'],
  ];
  const anySizes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 });
  const anyDtype = fc.constantFrom(1, 5, 7, 12, 13, 99);

  it('still make a step', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...targets),
        fc.array(fc.record({ sizes: anySizes, dtype: anyDtype }), { minLength: 5, maxLength: 5 }),
        fc.record({ dim: fc.integer({ min: -6, max: 6 }), groups: fc.integer({ min: -1, max: 3 }) }),
        ([target, ...names], shapes, { dim, groups }) => {
          const operands = ['a', 'b', 'c', 'd'];
          const given = names.map((name, i) => [name, tensor(operands[i])] as const);
          const spec: ProgramSpec = {
            inputs: ['b', 'c', 'd'],
            parameters: { a: 'fc.weight' },
            calls: [
              {
                target,
                inputs: {
                  ...Object.fromEntries(given),
                  ...{ dim: { as_int: dim }, dim0: { as_int: dim }, groups: { as_int: groups } },
                  ...{ dims: { as_ints: [dim, 0] }, num_groups: { as_int: groups } },
                },
                outputs: ['y'],
              },
              { target: 'aten.relu.default', inputs: { self: tensor('y') }, outputs: ['z'] },
            ],
            outputs: ['z'],
            tensors: { a: shapes[0], b: shapes[1], c: shapes[2], d: shapes[3], y: shapes[4], z: shapes[4] },
          };
          const session = open(archiveOf(programJson(spec)));
          for (const semantics of ['cpu', 'cuda'] as const) {
            const { step } = session.configure(inputsOf(session, { semantics, optimizer: 'adamw' }));
            expect(step.valueBytes.every((bytes) => Number.isFinite(bytes) && bytes >= 0)).toBe(true);
            expect(step.durationMs.every((time) => Number.isFinite(time) && time >= 0)).toBe(true);
          }
        },
      ),
      { numRuns: 500, seed: 1 },
    );
  });
});
