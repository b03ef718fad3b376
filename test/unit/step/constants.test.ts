import { describe, expect, it } from 'vitest';
import { findDevice } from '../../../planner-core/devices/catalogue';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { buildStep } from '../../../planner-core/step/buildStep';
import { ValueKind } from '../../../planner-core/step/stepGraph';
import { defaultWorkload } from '../../../planner-core/step/workload';
import { ModelBuilder } from '../support/modelBuilder';

/** Kind of the value named after each tensor; undefined where the step has none. */
function kindsOf(graph: ModelGraph, ...names: string[]): (number | undefined)[] {
  const { step } = buildStep(graph, defaultWorkload, [{ id: 'gpu0', spec: findDevice('A100 SXM 80GB')! }]);
  return names.map((name) => {
    const value = step.valueName.indexOf(name);
    return value < 0 ? undefined : step.valueKind[value];
  });
}

describe('tensors a program writes out', () => {
  it('are made in the forward pass, and kept like any other result', () => {
    const graph = new ModelBuilder()
      .input('x', [4])
      .parameter('w', [4])
      .constant('table', [1, 2, 3, 4], 'float32')
      .operator('Mul', ['w', 'table'], ['scaled'])
      .operator('Add', ['x', 'scaled'], ['y'])
      .build('y');
    expect(kindsOf(graph, 'table', 'w', 'x')).toEqual([
      ValueKind.activation,
      ValueKind.parameter,
      ValueKind.input,
    ]);
    const { step, records } = buildStep(graph, defaultWorkload, [
      { id: 'gpu0', spec: findDevice('A100 SXM 80GB')! },
    ]);
    expect(records[0].saved.map((value) => step.valueName[value])).toEqual(['table']);
    expect([...step.residentAtStart][step.valueName.indexOf('table')]).toBe(0);
  });

  it('are no tensors where the host reads them, or where a norm has no parameters', () => {
    const graph = new ModelBuilder()
      .input('x', [1, 2, 4, 4])
      .parameter('w', [2, 2, 1, 1])
      .constant('scales', [1, 1, 2, 2], 'float32')
      .constant('ones', [1, 1], 'float32')
      .constant('zeros', [0, 0], 'float32')
      .operator('Conv', ['x', 'w'], ['h'])
      .operator('InstanceNormalization', ['h', 'ones', 'zeros'], ['n'])
      .operator('Resize', ['n', '', 'scales'], ['y'])
      .build('y');
    expect(kindsOf(graph, 'scales', 'ones', 'zeros')).toEqual([undefined, undefined, undefined]);
  });
});
