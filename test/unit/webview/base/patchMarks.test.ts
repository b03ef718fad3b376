// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from 'vitest';
import { mark, patchMarks, svgEl } from '../../../../webview/base/dom';

let group: SVGGElement;
beforeEach(() => {
  group = svgEl('g');
});

describe('marks of a picture', () => {
  it('are made in their order', () => {
    patchMarks(group, [mark('line', { x1: 1 }), mark('text', { x: 2, class: 'tick' }, '4 GiB')]);
    expect([...group.children].map(({ tagName }) => tagName)).toEqual(['line', 'text']);
    expect(group.lastElementChild?.textContent).toBe('4 GiB');
  });

  it('stay the elements they are when only places and words change', () => {
    patchMarks(group, [mark('line', { x1: 1, x2: 5 }), mark('text', { x: 2 }, 'old')]);
    const before = [...group.children];
    patchMarks(group, [mark('line', { x1: 3 }), mark('text', { x: 2 }, 'new')]);
    expect([...group.children]).toEqual(before);
    expect(before[0].getAttribute('x1')).toBe('3');
    expect(before[0].hasAttribute('x2')).toBe(false);
    expect(before[1].textContent).toBe('new');
  });

  it('look the same as marks drawn afresh, whatever was there before', () => {
    const pictures = [
      [mark('line', { x1: 1, class: 'a' }), mark('text', { x: 2 }, 'x')],
      [mark('text', { x: 2, dy: '1em' }, 'y'), mark('line', { x1: 1 }), mark('circle', { r: 4 })],
      [],
      [mark('circle', { r: 4, hidden: true }), mark('text', { x: 1 })],
      [mark('circle', { r: 4, hidden: false }), mark('text', { x: 1 }, 'z')],
    ];
    for (const picture of [...pictures, ...[...pictures].reverse()]) {
      patchMarks(group, picture);
      const afresh = svgEl('g');
      patchMarks(afresh, picture);
      expect(group.isEqualNode(afresh)).toBe(true);
    }
  });
});
