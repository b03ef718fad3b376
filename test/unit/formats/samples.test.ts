import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModel } from '../../../planner-core/formats/openModel';
import { openFile } from '../../../planner-core/node/fileByteSource';

const samples = resolve(import.meta.dirname, '../../../samples');

describe('the sample models', () => {
  for (const name of readdirSync(samples).filter((file) => file.endsWith('.onnx'))) {
    it(`opens ${name}`, () => {
      const source = openFile(join(samples, name));
      const graph = openModel(source, name);
      source.close();
      expect(graph.operators.length).toBeGreaterThan(3);
      expect(graph.diagnostics).toEqual([]);
    });
  }
});
