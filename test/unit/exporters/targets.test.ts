import { expect, it } from 'vitest';
import { exportGroups, exportTargets, targetsOfGroup } from '../../../planner-core/exporters/targets';

it('offers every target in one group', () => {
  expect(exportGroups.flatMap((group) => targetsOfGroup[group]).sort()).toEqual([...exportTargets].sort());
});
