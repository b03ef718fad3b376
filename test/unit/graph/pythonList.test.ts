import { describe, expect, it } from 'vitest';
import { parsePythonList } from '../../../planner-core/graph/pythonList';

describe('parsePythonList', () => {
  it.each([
    ['[]', []],
    ["['']", ['']],
    ["['', 'layer1', 'layer1.0']", ['', 'layer1', 'layer1.0']],
    [`["it's", 'a "b"']`, ["it's", 'a "b"']],
    [String.raw`['a\'b', 'c\\d', 'e\nf']`, ["a'b", 'c\\d', 'e\nf']],
    ["['a, b', '[c]']", ['a, b', '[c]']],
    ["['trailing',]", ['trailing']],
    ["  [ 'a' ,'b' ]  ", ['a', 'b']],
  ])('reads %s', (text, expected) => {
    expect(parsePythonList(text)).toEqual(expected);
  });

  it.each(['', 'abc', "['a'", "'a'", '[a]', '[1, 2]', "['a' 'b']", "['a]", "['a', ['b']]"])(
    'refuses %j',
    (text) => {
      expect(parsePythonList(text)).toBeUndefined();
    },
  );
});
