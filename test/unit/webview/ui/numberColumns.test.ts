import { describe, expect, it } from 'vitest';
import { numberColumns } from '../../../../webview/ui/numberColumns';

describe('columns of numbers', () => {
  it('are those of amounts with units, signs and separators, but never the names of rows', () => {
    const rows = [
      ['1', '23.1 GiB', '+1.3 %', '720,000', '1.46 s', '< 0.1 %'],
      ['2', '512 MiB', '−0.2 %', '13,000', '31.0 µs', '4.0 %'],
    ];
    expect([...numberColumns(rows)]).toEqual([1, 2, 3, 4, 5]);
  });

  it('may have a word where there is no number', () => {
    expect([
      ...numberColumns([
        ['a', '–'],
        ['b', 'none'],
        ['c', '12.0 %'],
      ]),
    ]).toEqual([1]);
  });

  it('are not those of words, ranges, products or numbers within text', () => {
    const rows = [
      ['a', 'yes', '64 – 427', '4 × 8', 'kept activations 8.12 GiB', '2 (neighbours)'],
      ['b', 'no', '428', '8 × 8', 'temporary 3.36 GiB', '1'],
    ];
    expect([...numberColumns(rows)]).toEqual([]);
  });

  it('are found beside rows that are shorter', () => {
    expect([...numberColumns([['a', '1', 'x'], ['4 more']])]).toEqual([1]);
    expect([...numberColumns([])]).toEqual([]);
  });
});
