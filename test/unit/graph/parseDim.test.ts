import { describe, expect, it } from 'vitest';
import { bind, dimText, type Dim } from '../../../planner-core/graph/dim';
import { parseDim } from '../../../planner-core/graph/parseDim';

const value = (dim: Dim | undefined, bindings: Record<string, number>): Dim | undefined =>
  dim === undefined ? undefined : bind(dim, bindings);

describe('parseDim', () => {
  it.each([
    ['batch', { batch: 3 }, 3],
    ['12', {}, 12],
    ['2*seq + 1', { seq: 5 }, 11],
    ['seq+1', { seq: 5 }, 6],
    ['s0 - 1', { s0: 5 }, 4],
    ['-s0 + 7', { s0: 5 }, 2],
    ['s0**2', { s0: 5 }, 25],
    ['batch*(seq + 2)', { batch: 3, seq: 4 }, 18],
    ['floor(height/2)', { height: 7 }, 3],
    ['floor(height/2 - 1/2) + 1', { height: 7 }, 4],
    ['floor(height/2 - 1/2) + 1', { height: 8 }, 4],
    ['floor(floor(h/2 - 1/2)/2 + 1/2) + 1', { h: 224 }, 57],
    ['(s0//2)', { s0: 7 }, 3],
    ['((s77 - 1)//2) + 1', { s77: 8 }, 4],
    ['ceiling(s0/4)', { s0: 9 }, 3],
    ['FloorDiv(s0, 3)', { s0: 8 }, 2],
    ['Mod(s0, 3)', { s0: 8 }, 2],
    ['s0 % 3', { s0: 8 }, 2],
    ['Max(1, s0)', { s0: 0 }, 1],
    ['Min(4, s0, 2*s0)', { s0: 3 }, 3],
    ['past_sequence_length + 1', { past_sequence_length: 9 }, 10],
    ['input.1', { 'input.1': 2 }, 2],
    ['4*s0/2', { s0: 3 }, 6],
  ])('evaluates %s', (text, bindings, expected) => {
    expect(value(parseDim(text), bindings)).toBe(expected);
  });

  it('recognises equal expressions', () => {
    expect(parseDim('1 + 2*seq')).toEqual(parseDim('seq + seq + 1'));
    expect(dimText(parseDim('1 + seq')!)).toBe('seq + 1');
  });

  it.each([
    'batch-size',
    'batch size',
    '1st',
    '?',
    'seq +',
    '(seq',
    'seq)',
    'seq/2',
    'a/0*0',
    'floor(s0/0)',
    'sqrt(s0)',
    'Max()',
    's0**s1',
    's0**99',
    'ż',
    '',
    `${'('.repeat(400)}s0${')'.repeat(400)}`,
  ])('takes %j for a name', (text) => {
    expect(parseDim(text)).toBeUndefined();
  });

  it('gives up on expressions that grow without end', () => {
    const sum = '(a+b+c+d+e+f)';
    expect(parseDim(`${sum}**8**8`)).toBeUndefined();
    expect(parseDim(new Array(20).fill(sum).join('*'))).toBeUndefined();
  });
});
