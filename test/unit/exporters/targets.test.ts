import { expect, it } from 'vitest';
import { exportNames, exportTargets, notCarriedLines } from '../../../planner-core/exporters/targets';

it('offers every target that has a name, once', () => {
  expect([...exportTargets].sort()).toEqual(Object.keys(exportNames).sort());
});

it('tells each reason once, whatever the number of decisions that are not carried for it', () => {
  const alike = Array.from({ length: 5 }, (_, i) => ({
    decision: `place ${i}`,
    why: 'one',
    instead: 'none',
  }));
  expect(notCarriedLines([...alike, { decision: 'pin', why: 'two', instead: 'some' }])).toEqual([
    ...['Not carried: place 0', 'Not carried: place 1', 'Not carried: place 2'],
    ...['Not carried: 2 more like these', '  why: one', '  instead: none'],
    ...['Not carried: pin', '  why: two', '  instead: some'],
  ]);
  expect(notCarriedLines([])).toEqual(['Every decision of the plan is carried.']);
});
