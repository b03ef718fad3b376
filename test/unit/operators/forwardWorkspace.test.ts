import { describe, expect, test } from 'vitest';
import type { Workload } from '../../../planner-core/step/workload';
import { ModelBuilder } from '../support/modelBuilder';
import { build } from '../step/stepProbe';

const workspaceOf = (
  graph: ReturnType<ModelBuilder['build']>,
  type: string,
  changes: Partial<Workload>,
): number => {
  const { step } = build(graph, { semantics: 'cpu', ...changes });
  return step.workspaceBytes[step.nodeName.findIndex((name) => name.startsWith(type))];
};

describe('what kernels make and drop when no gradient needs it', () => {
  const pooled = new ModelBuilder()
    .input('image', [1, 2, 8, 8])
    .parameter('w', [2, 2, 1, 1])
    .operator('Conv', ['image', 'w'], ['x'])
    .operator('MaxPool', ['x'], ['y'], { kernel_shape: [2, 2], strides: [2, 2] })
    .build('y');

  test('max pooling makes int64 indices; in training they are kept instead', () => {
    expect(workspaceOf(pooled, 'MaxPool', { mode: 'inference' })).toBe(2 * 4 * 4 * 8);
    expect(workspaceOf(pooled, 'MaxPool', { mode: 'training' })).toBe(0);
  });

  const recurrent = (type: 'LSTM' | 'GRU', gates: number, producer: string) => ({
    ...new ModelBuilder()
      .input('x', [64, 16, 64])
      .parameter('w', [1, gates * 64, 64])
      .parameter('r', [1, gates * 64, 64])
      .operator(type, ['x', 'w', 'r'], ['y'], { hidden_size: 64 })
      .build('y'),
    producer,
  });
  const unit = 64 * 16 * 64 * 4;

  test('cells one by one: the gates of all steps and a list of results', () => {
    expect(workspaceOf(recurrent('LSTM', 4, 'pytorch 1.13.0'), 'LSTM', { mode: 'inference' })).toBe(5 * unit);
    expect(workspaceOf(recurrent('GRU', 3, 'pytorch 2.6.0'), 'GRU', { mode: 'inference' })).toBe(4 * unit);
  });

  test('not where one kernel runs all steps; in training what the steps return is kept anyway', () => {
    expect(workspaceOf(recurrent('LSTM', 4, 'pytorch 2.6.0'), 'LSTM', { mode: 'inference' })).toBe(0);
    const cuda: Partial<Workload> = { mode: 'inference', semantics: 'cuda' };
    expect(workspaceOf(recurrent('GRU', 3, 'pytorch 2.6.0'), 'GRU', cuda)).toBe(0);
    expect(workspaceOf(recurrent('LSTM', 4, 'pytorch 1.13.0'), 'LSTM', { mode: 'training' })).toBe(4 * unit);
  });
});
