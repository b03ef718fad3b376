import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newBlock, newPool } from '../../../../planner-core/simulator/allocator/block';

describe('BlockSet', () => {
  it('keeps blocks in order, whatever is inserted and deleted', () => {
    const size = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        fc.array(size, { maxLength: 900 }),
        fc.array(fc.nat(), { maxLength: 500 }),
        size,
        (list, victims, key) => {
          const pool = newPool(true);
          const expected = list.map((bytes, address) => newBlock(pool, address, bytes));
          for (const block of expected) pool.free.insert(block);
          for (const victim of victims) {
            if (expected.length === 0) break;
            pool.free.delete(expected.splice(victim % expected.length, 1)[0]);
          }
          expected.sort((a, b) => a.sizeBytes - b.sizeBytes || a.address - b.address);
          expect(pool.free.values()).toEqual(expected);
          expect(pool.free.last()).toBe(expected.at(-1));
          const from = expected.findIndex(({ sizeBytes }) => sizeBytes >= key);
          expect(pool.free.atLeast({ sizeBytes: key, address: 0 })).toBe(
            from < 0 ? undefined : expected[from],
          );
          expected.forEach((block, i) => expect(pool.free.after(block)).toBe(expected.at(i + 1)));
        },
      ),
    );
  });

  it('refuses to delete what it does not hold', () => {
    const pool = newPool(true);
    pool.free.insert(newBlock(pool, 0, 10));
    expect(() => pool.free.delete(newBlock(pool, 0, 10))).toThrow();
  });
});
