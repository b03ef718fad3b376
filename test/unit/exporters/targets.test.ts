import { expect, it } from 'vitest';
import { exportNames, exportTargets } from '../../../planner-core/exporters/targets';

it('offers every target that has a name, once', () => {
  expect([...exportTargets].sort()).toEqual(Object.keys(exportNames).sort());
});
