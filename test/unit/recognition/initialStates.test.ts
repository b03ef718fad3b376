import { describe, expect, it } from 'vitest';
import { ModelBuilder } from '../support/modelBuilder';
import { inputsOf, patternsOf, read } from './support';

const layer = (): ModelBuilder =>
  new ModelBuilder().input('x', [5, 2, 3]).parameter('W', [1, 12, 3]).parameter('R', [1, 12, 4]);

const gru = (builder: ModelBuilder): ModelBuilder =>
  builder.operator('GRU', ['x', 'W', 'R', '', '', 'h0'], ['y'], { hidden_size: 4 });

describe('initial states', () => {
  it("are the layer's own zeros where only sizes decide them", () => {
    const stored = gru(layer().constant('h0', new Array<number>(8).fill(0), 'float32')).build('y');
    const computed = gru(
      layer().constant('shape', [1, 2, 4]).operator('ConstantOfShape', ['shape'], ['h0']),
    ).build('y');
    for (const graph of [stored, computed]) {
      const found = read(graph);
      expect(patternsOf(found)).toEqual(['initial-states']);
      expect(inputsOf(found, 'GRU')[5]).toBeUndefined();
      expect(found.graph.operators.map(({ type }) => type)).toEqual(['GRU']);
    }
  });

  it("are the program's where an input or a parameter gives them", () => {
    expect(patternsOf(read(gru(layer().input('h0', [1, 2, 4])).build('y')))).toEqual([]);
    expect(patternsOf(read(gru(layer().parameter('h0', [1, 2, 4])).build('y')))).toEqual([]);
  });
});
