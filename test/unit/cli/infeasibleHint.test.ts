import { expect, it } from 'vitest';
import { infeasibleHint } from '../../../planner-core/cli/infeasibleHint';
import { Phase } from '../../../planner-core/step/stepGraph';

const step = {
  nodeName: ['fc', 'fc backward', 'adamw moments of fc.weight'],
  nodePhase: new Uint8Array([Phase.forward, Phase.backward, Phase.optimizer]),
};

it('speaks of the batch where it matters', () => {
  expect(infeasibleHint(step, 'fc backward')).toMatch(/reduce the batch/);
  expect(infeasibleHint(step, 'adamw moments of fc.weight')).toMatch(/smaller batch does not help/);
});
