import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sideBySide } from '../../../scripts/lib/sideBySide.mjs';

test('answers in the order of the items, with no more under way than told', async () => {
  const lists = fc.array(fc.nat(5), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(lists, fc.integer({ min: 1, max: 4 }), async (turns, atATime) => {
      let underWay = 0;
      const answers = await sideBySide(
        turns,
        async (count: number, index: number) => {
          expect(++underWay).toBeLessThanOrEqual(atATime);
          for (let i = 0; i < count; i++) await turn();
          underWay--;
          return index;
        },
        atATime,
      );
      expect(answers).toEqual(turns.map((_, i) => i));
    }),
  );
});

test('begins nothing after a failure, and throws it when what was under way has ended', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = async (item: number): Promise<void> => {
    begun.push(item);
    if (item === 0) throw new Error('the first');
    for (let i = 0; i < 5; i++) await turn();
    ended.push(item);
  };
  await expect(sideBySide([0, 1, 2, 3], work, 2)).rejects.toThrow('the first');
  expect(begun).toEqual([0, 1]);
  expect(ended).toEqual([1]);
});
