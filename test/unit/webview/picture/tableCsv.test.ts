// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { tableCsv } from '../../../../webview/picture/shownThings';

describe('a table as CSV', () => {
  it('has the texts of its cells, quoted where they need it, and runs no formula', () => {
    document.body.innerHTML = `<table><caption>Plans</caption>
      <thead><tr><th>Plan</th><th>Sizes, seq</th></tr></thead>
      <tbody><tr><th>A</th><td>up to
        128, then "all"</td></tr><tr><th>=1+1</th><td></td></tr></tbody></table>`;
    const table = document.querySelector('table')!;
    expect(tableCsv(table)).toBe(
      ['Plan,"Sizes, seq"', 'A,"up to 128, then ""all"""', "'=1+1,", ''].join('\r\n'),
    );
  });
});
