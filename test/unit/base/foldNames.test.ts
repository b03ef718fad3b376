import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldNames, namesLike } from '../../../planner-core/base/foldNames';

const texts = (names: readonly string[]): string[] => foldNames(names).map(({ text }) => text);

/** The names that a folded text stands for: what its words promise. */
function unfolded(text: string): string[] {
  const brace = /\{([^}]*)\}/.exec(text);
  if (!brace) return [text];
  const numbers = brace[1].split(',').flatMap((part) => {
    const [from, to = from] = part.split('-');
    return part.includes('-')
      ? Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => String(Number(from) + i))
      : [part];
  });
  const [before, after] = [text.slice(0, brace.index), text.slice(brace.index + brace[0].length)];
  return numbers.flatMap((number) => unfolded(before + number + after));
}

describe('foldNames', () => {
  test('writes runs of numbers as ranges, in natural order', () => {
    expect(texts(['h.10.mlp', 'h.2.mlp', 'h.3.mlp', 'h.4.mlp', 'h.11.mlp', 'fc'])).toEqual([
      'fc',
      'h.{2-4,10,11}.mlp',
    ]);
  });

  test('joins what differs in several numbers, where every combination is there', () => {
    expect(texts(['a0.b1', 'a0.b2', 'a1.b1', 'a1.b2'])).toEqual(['a{0,1}.b{1,2}']);
    expect(texts(['l1.bn1', 'l1.bn2', 'l1.bn3', 'l2.conv1'])).toEqual(['l1.bn{1-3}', 'l2.conv1']);
    expect(texts(['h.0.mlp', 'h.00.mlp', 'h.08.mlp', 'h.09.mlp', 'h.10.mlp'])).toEqual([
      'h.{0,00,08,09,10}.mlp',
    ]);
  });

  test('stands for exactly the names it was given', () => {
    const number = fc.constantFrom('', '0', '1', '2', '3', '10', '01');
    const name = fc
      .tuple(fc.constantFrom('a', 'b.'), number, fc.constantFrom('.x', '_'), number)
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(name, { maxLength: 24 }), (names) => {
        const folds = foldNames(names);
        const unique = [...new Set(names)].sort();
        expect(folds.flatMap(({ text }) => unfolded(text)).sort()).toEqual(unique);
        expect(folds.flatMap((fold) => fold.names).sort()).toEqual(unique);
        expect(foldNames([...names].reverse())).toEqual(folds);
      }),
    );
  });
});

test('namesLike finds what differs from a fold in the same numbers only', () => {
  const all = ['h.0.mlp', 'h.1.mlp', 'h.2.mlp', 'h.0.attn', 'g.0.mlp', 'h.mlp'];
  const [fold] = foldNames(['h.0.mlp', 'h.2.mlp']);
  expect(namesLike(fold, all)).toEqual(['h.0.mlp', 'h.1.mlp', 'h.2.mlp']);
  const [bn] = foldNames(['l1.0.bn1', 'l1.0.bn2']);
  expect(namesLike(bn, ['l1.0.bn1', 'l1.0.bn2', 'l1.0.bn3', 'l1.1.bn1'])).toEqual([
    'l1.0.bn1',
    'l1.0.bn2',
    'l1.0.bn3',
  ]);
});
