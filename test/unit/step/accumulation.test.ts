import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { keepEverything } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { Phase, ValueKind, type StepGraph } from '../../../planner-core/step/stepGraph';
import { defaultWorkload } from '../../../planner-core/step/workload';
import { buildStep } from '../../../planner-core/step/buildStep';
import { findDevice } from '../../../planner-core/devices/catalogue';
import { ModelBuilder } from '../support/modelBuilder';
import { build, bytesOfKind, liveBytesOf, phasePeakBytes } from './stepProbe';

const chain = (batch: number, widths: readonly number[]): ModelGraph => {
  const builder = new ModelBuilder().input('x', [batch, widths[0]]);
  widths.slice(1).forEach((width, i) => {
    builder
      .parameter(`w${i}`, [widths[i], width])
      .operator('MatMul', [i === 0 ? 'x' : `a${i - 1}`, `w${i}`], [`h${i}`])
      .operator('Tanh', [`h${i}`], [`a${i}`]);
  });
  return builder.build(`a${widths.length - 2}`);
};

const timeMs = (step: StepGraph): number => simulate(step, compileSchedule(step, keepEverything)).stepTimeMs;

describe('gradients that are there when the pass begins', () => {
  test.each([{ microBatches: 4 }, { zeroGrad: 'zero' as const }])('%o', (changes) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 32 }), { minLength: 2, maxLength: 6 }), (widths) => {
        const graph = chain(3, widths);
        const fresh = build(graph);
        const resident = build(graph, changes);
        const gradientBytes = bytesOfKind(fresh, ValueKind.parameterGradient);
        expect(bytesOfKind(resident, ValueKind.parameterGradient)).toBe(gradientBytes);
        // All through the forward pass, the gradients of before; in backward, the new one beside its own.
        const before = liveBytesOf(fresh.step);
        const after = liveBytesOf(resident.step);
        let made = 0;
        for (const [name, bytes] of before) {
          const index = Number(/^MatMul_(\d+) backward$/.exec(name)?.[1] ?? Number.NaN) / 2;
          const newBytes = Number.isNaN(index) ? 0 : 4 * widths[index] * widths[index + 1];
          made += newBytes;
          expect(after.get(name)).toBe(bytes + gradientBytes - made + newBytes);
        }
        expect(made).toBe(gradientBytes);
      }),
      { seed: 3 },
    );
  });

  test('a tied weight sums its contributions before they are added', () => {
    const graph = new ModelBuilder()
      .input('x', [2, 4])
      .parameter('w', [4, 4])
      .operator('MatMul', ['x', 'w'], ['h'])
      .operator('MatMul', ['h', 'w'], ['y'])
      .build('y');
    const { step } = build(graph, { microBatches: 2 });
    const names = step.nodeName.filter((_, node) => step.nodePhase[node] === Phase.backward);
    expect(names).toEqual([
      'loss (sum) backward',
      'MatMul_1 backward',
      'MatMul_0 backward',
      'MatMul_0 backward: gradient of w summed',
      'MatMul_0 backward: gradient of w accumulated',
    ]);
    expect(step.residentAtStart[step.valueName.indexOf('gradient of w')]).toBe(1);
  });
});

describe('the time of a step', () => {
  test('is every micro-batch and one update', () => {
    const graph = chain(64, [256, 512, 128]);
    const none = timeMs(build(graph, { optimizer: 'none' }).step);
    const one = timeMs(build(graph, { optimizer: 'adamw' }).step);
    const four = timeMs(build(graph, { optimizer: 'adamw', microBatches: 4 }).step);
    const fourAccumulating = timeMs(build(graph, { optimizer: 'none', microBatches: 4 }).step);
    expect(fourAccumulating).toBeGreaterThan(4 * none);
    expect(four - fourAccumulating).toBeCloseTo(one - none, 9);
  });

  test('counts transfers once a pass', () => {
    const device = { id: 'gpu0', spec: findDevice('T4')! };
    const linkOf = (microBatches: number): number =>
      buildStep(chain(2, [4, 4]), { ...defaultWorkload, microBatches }, [device]).step.linkBytesPerMs[1];
    expect(linkOf(8)).toBe(linkOf(1) / 8);
  });
});

test('the peak of an accumulating step is never below that of a plain one', () => {
  const graph = chain(2, [64, 128, 32]);
  for (const phase of [Phase.forward, Phase.backward, Phase.optimizer]) {
    const plain = build(graph, { optimizer: 'adamw' });
    const accumulating = build(graph, { optimizer: 'adamw', microBatches: 2 });
    expect(phasePeakBytes(accumulating.step, phase)).toBeGreaterThanOrEqual(
      phasePeakBytes(plain.step, phase),
    );
  }
});

/**
 * Allocated beyond what was there before, measured with torch.profiler of PyTorch 2.13: three linear layers without bias
 * and tanh, loss the sum.
 */
test.each([
  [[], 1, 301064],
  [[], 2, 260104],
  [['w0'], 1, 227336],
  [['w0'], 2, 210952],
])('frozen %j, %d micro-batches: the peak of PyTorch to the byte', (frozen, microBatches, measuredBytes) => {
  const built = build(chain(48, [64, 256, 128, 32]), { frozen, microBatches });
  const { step } = built;
  const before = step.valueBytes.reduce((sum, b, value) => sum + (step.residentAtStart[value] ? b : 0), 0);
  expect(measuredBytes).toBe(phasePeakBytes(step, Phase.backward) - before);
});
