// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { unbrokenAmounts } from '../../../../webview/base/unbrokenAmounts';

const shown = (text: string): string[] =>
  unbrokenAmounts(text).map((part) => (typeof part === 'string' ? part : `[${part.textContent}]`));

describe('numbers with their units', () => {
  it('stay in one piece, and the text stays what it is', () => {
    const text = 'gpu0 is busy 83 % of 750.0 ms; step +17.1 %, 9.14 GiB headroom.';
    expect(shown(text).join('')).toBe(
      'gpu0 is busy [83 %] of [750.0 ms]; step [+17.1 %], [9.14 GiB] headroom.',
    );
    expect(shown(text).join('').replace(/[[\]]/g, '')).toBe(text);
  });

  it('are not numbers before words that begin like a unit', () => {
    expect(shown('3 steps on 2 servers')).toEqual(['3 steps on 2 servers']);
    expect(shown('')).toEqual([]);
  });
});
