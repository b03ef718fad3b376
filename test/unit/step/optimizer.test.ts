import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { foreachTemporaryCopies, updateImplementation } from '../../../planner-core/step/optimizerMemory';
import { Phase, ValueKind } from '../../../planner-core/step/stepGraph';
import type { Workload } from '../../../planner-core/step/workload';
import { ModelBuilder } from '../support/modelBuilder';
import { build, bytesAtEnd, bytesOfKind, liveBytesOf, nodesOf, phasePeakBytes } from './stepProbe';

/** A chain of products through parameters of the given widths: parameter i has widths[i] · widths[i + 1] elements. */
function chain(widths: readonly number[]): ModelGraph {
  const builder = new ModelBuilder().input('x', [2, widths[0]]);
  let current = 'x';
  widths.slice(1).forEach((width, i) => {
    builder.parameter(`w${i}`, [widths[i], width]).operator('MatMul', [current, `w${i}`], [`h${i}`]);
    current = `h${i}`;
  });
  return builder.build(current);
}

const parameterBytes = (widths: readonly number[]): number[] =>
  widths.slice(1).map((width, i) => 4 * widths[i] * width);
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Bytes the update needs beyond what stays when the step is over. */
function temporaryBytes(widths: readonly number[], changes: Partial<Workload>): number {
  const { step } = build(chain(widths), changes);
  return phasePeakBytes(step, Phase.optimizer) - bytesAtEnd(step);
}

const manyWidths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 7 });

describe('temporaries of the update', () => {
  test('the for-loop holds two tensors of its parameter and the denominator of the one before', () => {
    fc.assert(
      fc.property(manyWidths, fc.constantFrom('adam' as const, 'adamw' as const), (widths, optimizer) => {
        const bytes = parameterBytes(widths);
        const expected = Math.max(...bytes.map((own, i) => 2 * own + (bytes[i - 1] ?? 0)));
        expect(temporaryBytes(widths, { optimizer, optimizerUpdate: 'for-loop' })).toBe(expected);
      }),
      { seed: 1 },
    );
  });

  test('foreach holds a denominator for every parameter at once, fused nothing', () => {
    fc.assert(
      fc.property(manyWidths, (widths) => {
        const all = sum(parameterBytes(widths));
        expect(temporaryBytes(widths, { optimizer: 'adamw', optimizerUpdate: 'foreach' })).toBe(all);
        expect(temporaryBytes(widths, { optimizer: 'adamw', optimizerUpdate: 'fused' })).toBe(0);
      }),
      { seed: 2 },
    );
  });

  test.each(['for-loop', 'foreach', 'fused'] as const)('SGD needs none, %s', (optimizerUpdate) => {
    for (const optimizer of ['sgd', 'momentum'] as const)
      expect(temporaryBytes([8, 16, 4], { optimizer, optimizerUpdate })).toBe(0);
  });

  test.each([
    ['cuda', undefined, 'foreach'],
    ['cpu', undefined, 'for-loop'],
    ['cuda', { major: 2, minor: 13 }, 'foreach'],
    ['cuda', { major: 1, minor: 13 }, 'for-loop'],
  ] as const)('auto on %s with PyTorch %o is %s', (semantics, pytorch, implementation) => {
    expect(updateImplementation({ optimizerUpdate: 'auto', semantics }, pytorch)).toBe(implementation);
    expect(updateImplementation({ optimizerUpdate: 'fused', semantics }, pytorch)).toBe('fused');
  });

  test('foreach held the square roots as well before 2.1', () => {
    expect(foreachTemporaryCopies({ major: 2, minor: 0 })).toBe(2);
    expect(foreachTemporaryCopies({ major: 2, minor: 1 })).toBe(1);
    expect(foreachTemporaryCopies(undefined)).toBe(1);
  });
});

describe('optimizer state', () => {
  const widths = [8, 16, 4];
  const parameters = sum(parameterBytes(widths));
  const state = (changes: Partial<Workload>): number =>
    bytesOfKind(build(chain(widths), changes), ValueKind.optimizerState);

  test('the step counters of Adam are on the device where the CPU is the device, or the kernel is fused', () => {
    expect(state({ optimizer: 'adam', semantics: 'cuda' })).toBe(2 * parameters);
    expect(state({ optimizer: 'adam', semantics: 'cpu' })).toBe(2 * parameters + 2 * 4);
    expect(state({ optimizer: 'adam', semantics: 'cuda', optimizerUpdate: 'fused' })).toBe(
      2 * parameters + 2 * 4,
    );
    expect(state({ optimizer: 'momentum' })).toBe(parameters);
    expect(state({ optimizer: 'sgd' })).toBe(0);
  });

  test.each(['adamw', 'momentum'] as const)(
    '%s: state appears in the first step, at its end',
    (optimizer) => {
      for (const optimizerUpdate of ['for-loop', 'foreach', 'fused'] as const) {
        const graph = chain(widths);
        const first = build(graph, { optimizer, optimizerUpdate, stepKind: 'first' });
        const steady = build(graph, { optimizer, optimizerUpdate });
        const stateBytes = bytesOfKind(steady, ValueKind.optimizerState);
        expect(bytesOfKind(first, ValueKind.optimizerState)).toBe(stateBytes);
        for (const phase of [Phase.forward, Phase.backward])
          expect(phasePeakBytes(steady.step, phase) - phasePeakBytes(first.step, phase)).toBe(stateBytes);
        expect(phasePeakBytes(first.step, Phase.optimizer)).toBe(
          phasePeakBytes(steady.step, Phase.optimizer),
        );
        expect(bytesAtEnd(first.step)).toBe(bytesAtEnd(steady.step));
      }
    },
  );

  test('Adam has the state of all parameters before it updates the first', () => {
    const built = build(chain(widths), { optimizer: 'adam', optimizerUpdate: 'for-loop', stepKind: 'first' });
    const nodes = nodesOf(built, Phase.optimizer);
    expect(nodes.map((name) => name.replace(/ of .*/, ''))).toEqual([
      'adam initial state',
      'adam initial state',
      'adam update',
      'adam update',
    ]);
    const live = liveBytesOf(built.step);
    expect(live.get('adam update of w0')).toBe(bytesAtEnd(built.step) + 2 * 8 * 16 * 4);
  });
});
