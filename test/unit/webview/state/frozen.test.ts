import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frozenBy, toggledFrozen, withoutFrozen } from '../../../../webview/state/frozen';

describe('frozen modules', () => {
  it('cover what is below them by whole parts of the name', () => {
    expect(frozenBy('h.1.mlp', ['h.1'])).toBe('h.1');
    expect(frozenBy('h.10', ['h.1'])).toBeUndefined();
    expect(frozenBy('h.1', ['h.1.mlp'])).toBeUndefined();
    expect(frozenBy('anything', [''])).toBe('');
  });

  it('take the place of those inside them', () => {
    expect(toggledFrozen(['h.1.mlp', 'wte'], ['h.1'])).toEqual(['wte', 'h.1']);
  });

  it('stay as they are when something inside is frozen too', () => {
    expect(toggledFrozen(['h.1'], ['h.1.mlp'])).toEqual(['h.1']);
  });

  it('are trained again when all of them are frozen, and else all frozen', () => {
    expect(toggledFrozen(['a', 'b', 'c'], ['a', 'b'])).toEqual(['c']);
    expect(toggledFrozen(['a'], ['a', 'b'])).toEqual(['a', 'b']);
    expect(withoutFrozen(['a', 'b'], ['a'])).toEqual(['b']);
  });

  it('freeze exactly what was asked for, in a list without entries that others cover', () => {
    const name = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
      .map((p) => p.join('.'));
    const names = fc.uniqueArray(name, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(names, names, name, (before, added, probe) => {
        fc.pre(added.some((each) => !before.includes(each)));
        const after = toggledFrozen(before, added);
        const expected = [...before, ...added].some((each) => frozenBy(probe, [each]) !== undefined);
        expect(frozenBy(probe, after) !== undefined).toBe(expected);
        for (const each of after) {
          expect(
            frozenBy(
              each,
              after.filter((other) => other !== each),
            ),
          ).toBeUndefined();
        }
      }),
      { seed: 7 },
    );
  });
});
