import { describe, expect, test } from 'vitest';
import { pythonLiteral } from '../../../../planner-core/exporters/pytorch/pythonLiteral';

describe('data as Python', () => {
  test('names of constants are those of Python, and absent keys are left out', () => {
    expect(pythonLiteral({ a: true, b: false, c: null, d: undefined, e: 1.5 })).toBe(
      '{"a": True, "b": False, "c": None, "e": 1.5}',
    );
  });

  test('what is long is broken and indented', () => {
    const names = Array.from({ length: 12 }, (_, i) => `encoder.layers.${i}`);
    const lines = pythonLiteral({ names, empty: [] }).split('\n');
    expect(lines[0]).toBe('{');
    expect(lines[2]).toBe('        "encoder.layers.0",');
    expect(lines.at(-2)).toBe('    "empty": [],');
    expect(lines.at(-1)).toBe('}');
  });

  test('a string cannot end early', () => {
    expect(pythonLiteral('a"\n\\b')).toBe('"a\\"\\n\\\\b"');
  });
});
