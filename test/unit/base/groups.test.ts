import { describe, expect, it } from 'vitest';
import { appendTo, groupedBy } from '../../../planner-core/base/groups';
import { Random } from '../support/random';

describe('groupedBy', () => {
  it('puts every item into the group of its key, in order', () => {
    const words = ['pear', 'fig', 'plum', 'kiwi', 'nut', 'apple'];
    expect([...groupedBy(words, ({ length }) => length)]).toEqual([
      [4, ['pear', 'plum', 'kiwi']],
      [3, ['fig', 'nut']],
      [5, ['apple']],
    ]);
  });

  it('says what a filter for every key says', () => {
    const random = new Random(1);
    for (let round = 0; round < 50; round++) {
      const items = Array.from({ length: random.int(0, 20) }, (_, i) => ({ i, key: random.int(0, 4) }));
      const keys = [...new Set(items.map(({ key }) => key))];
      expect([...groupedBy(items, ({ key }) => key)]).toEqual(
        keys.map((key) => [key, items.filter((item) => item.key === key)]),
      );
    }
  });
});

describe('appendTo', () => {
  it('begins a list, and adds to the one that is there', () => {
    const lists = new Map([['b', [1]]]);
    appendTo(lists, 'a', 2);
    appendTo(lists, 'b', 3);
    expect(Object.fromEntries(lists)).toEqual({ a: [2], b: [1, 3] });
  });
});
