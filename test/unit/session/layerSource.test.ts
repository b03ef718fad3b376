import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFile } from '../../../planner-core/node/fileByteSource';
import { PlannerSession } from '../../../planner-core/session/plannerSession';
import type { LayerRow } from '../../../planner-core/session/types';
import { samples } from '../formats/support';

function layersOf(name: string): readonly LayerRow[] {
  const source = openFile(path.join(samples, name));
  const session = PlannerSession.open(source, name);
  source.close();
  const gib = 1024 ** 3;
  return session.configure(session.defaultInputs([{ id: 'gpu0', name: 'T4', memoryBytes: 16 * gib }])).layers;
}

describe('layers', () => {
  it('know the line of the program that they come from, where the exporter recorded it', () => {
    const operators = layersOf('tiny_transformer.train.pt2').filter(({ kind }) => kind === 'operator');
    expect(operators.every(({ source }) => source !== undefined)).toBe(true);
    const lines = operators
      .filter(({ source }) => source?.file === 'export.py')
      .map(({ source }) => source?.line);
    expect(new Set(lines).size).toBeGreaterThan(3);
  });

  it('do not make one up', () => {
    expect(layersOf('tiny_mlp.train.onnx').every(({ source }) => source === undefined)).toBe(true);
  });
});
