import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../../planner-core/base/job';
import { improveDevices } from '../../../../../planner-core/planners/placement/joint/improveDevices';
import { fastestRest } from '../../../../../planner-core/planners/placement/joint/jointProblem';
import { replayJoint } from '../../../../../planner-core/planners/placement/joint/replayJoint';
import { searchJointStates } from '../../../../../planner-core/planners/placement/joint/stateSearch';
import { Random } from '../../../support/random';
import { randomJoint } from './jointOracle';

describe('improveDevices', () => {
  it('keeps to the limits, is never better than the optimum, and often as good', async () => {
    let asGood = 0;
    let fitting = 0;
    for (let seed = 0; seed < 300; seed++) {
      const problem = randomJoint(new Random(seed), 7);
      const actions = await improveDevices(problem, () => false, uncontrolled);
      if (!actions) continue;
      const { timeMs, peakBytes } = replayJoint(problem, actions);
      peakBytes.forEach((bytes, device) => expect(bytes).toBeLessThanOrEqual(problem.memoryBytes[device]));
      expect(timeMs).toBeGreaterThanOrEqual(fastestRest(problem)[0]);
      const optimum = await searchJointStates(problem, uncontrolled);
      if (!optimum) continue;
      expect(timeMs, `seed ${seed}`).toBeGreaterThanOrEqual(optimum.timeMs);
      fitting++;
      if (timeMs === optimum.timeMs) asGood++;
    }
    expect(fitting).toBeGreaterThan(100);
    expect(asGood / fitting).toBeGreaterThan(0.5);
  });
});
