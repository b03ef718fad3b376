// @vitest-environment jsdom
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { el, patchChildren } from '../../../../webview/base/dom';

const some = fc.uniqueArray(fc.nat({ max: 9 }), { maxLength: 8 });

describe('patchChildren', () => {
  it('makes any children these, in order', () => {
    const all = Array.from({ length: 10 }, (_, i) => el('i', {}, String(i)));
    fc.assert(
      fc.property(some, some, (before, after) => {
        const parent = el('div', {}, ...before.map((i) => all[i]));
        patchChildren(
          parent,
          after.map((i) => all[i]),
        );
        expect([...parent.children]).toEqual(after.map((i) => all[i]));
      }),
    );
  });

  it('does not touch children that stay in their order', async () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((text) => el('i', {}, text));
    const parent = el('div', {}, a, b, c);
    const touched: Node[] = [];
    const observer = new MutationObserver((records) =>
      touched.push(...records.flatMap(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes])),
    );
    observer.observe(parent, { childList: true });
    patchChildren(parent, [a, d, c]);
    await Promise.resolve();
    expect(touched).not.toContain(a);
    expect(touched).not.toContain(c);
    expect(touched).toEqual(expect.arrayContaining([b, d]));
  });
});
