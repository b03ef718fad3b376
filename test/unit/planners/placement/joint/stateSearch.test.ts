import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../../planner-core/base/job';
import { freeAfterUse } from '../../../../../planner-core/planners/placement/joint/freeAfterUse';
import { fastestRest } from '../../../../../planner-core/planners/placement/joint/jointProblem';
import { replayJoint } from '../../../../../planner-core/planners/placement/joint/replayJoint';
import { searchJointStates } from '../../../../../planner-core/planners/placement/joint/stateSearch';
import { Random } from '../../../support/random';
import { exhaustiveJoint, randomJoint } from './jointOracle';

describe('searchJointStates', () => {
  it('finds what trying everything finds, with a schedule that replays within the limits', async () => {
    let fitting = 0;
    let repeating = 0;
    for (let seed = 0; seed < 400; seed++) {
      const problem = randomJoint(new Random(seed), 5);
      const found = await searchJointStates(problem, uncontrolled);
      const least = exhaustiveJoint(problem);
      expect(found?.timeMs, `seed ${seed}`).toBe(least);
      if (!found?.actions) continue;
      fitting++;
      expect(fastestRest(problem)[0]).toBeLessThanOrEqual(least);
      if (found.actions.filter(({ op }) => op === 'compute').length > problem.taskCount) repeating++;
      const { timeMs, peakBytes } = replayJoint(problem, found.actions);
      expect(timeMs, `seed ${seed}`).toBe(least);
      const tidy = replayJoint(problem, freeAfterUse(problem, found.actions));
      expect(tidy.timeMs).toBe(least);
      peakBytes.forEach((bytes, device) => expect(tidy.peakBytes[device]).toBeLessThanOrEqual(bytes));
      peakBytes.forEach((bytes, device) => expect(bytes).toBeLessThanOrEqual(problem.memoryBytes[device]));
    }
    expect(fitting).toBeGreaterThan(200);
    expect(repeating).toBeGreaterThan(3);
  });
});
