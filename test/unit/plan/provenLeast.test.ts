import { expect, it } from 'vitest';
import { provenLeastText } from '../../../planner-core/plan/provenLeast';

it('tells a bound of nothing only of a plan that adds nothing', () => {
  expect(provenLeastText({ lowerBoundPercent: 0, overheadPercent: 4 })).toBe('nothing yet');
  expect(provenLeastText({ lowerBoundPercent: 0, overheadPercent: 0 })).toBe('+0.0 %');
  expect(provenLeastText({ lowerBoundPercent: 2.14, overheadPercent: 4 })).toBe('+2.1 %');
});
