import { expect, test } from 'vitest';
import { table } from '../../../planner-core/cli/output';

test('columns of numbers are aligned right under their headings, columns of words left', () => {
  const rows = [
    ['way', 'peak', 'step', 'what', 'seq'],
    ['a', '9.50 GiB', '+1.0 %', 'every 2nd block', 'up to 8'],
    ['longer', '512 MiB', '–', '3 of 12', '1,024'],
    ['b', '', '× 1.20', 'nothing', '−5'],
  ];
  expect(table(rows)).toBe(
    [
      'way         peak    step  what                 seq',
      'a       9.50 GiB  +1.0 %  every 2nd block  up to 8',
      'longer   512 MiB       –  3 of 12            1,024',
      'b                 × 1.20  nothing               −5',
    ].join('\n'),
  );
});

test('facts, a name and a text each, are aligned left', () => {
  expect(
    table([
      ['peak', '15.3 GiB of 15.3 GiB'],
      ['planner', 'every block'],
    ]),
  ).toBe('peak     15.3 GiB of 15.3 GiB\nplanner  every block');
});
