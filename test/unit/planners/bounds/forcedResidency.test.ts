import { describe, expect, it } from 'vitest';
import { recomputableNodes } from '../../../../planner-core/plan/layerIndex';
import { ForcedResidency } from '../../../../planner-core/planners/bounds/forcedResidency';
import { Lifetimes } from '../../../../planner-core/planners/bounds/lifetimes';
import { exhaustiveLeastPeak } from '../oracles/exhaustive';
import { smallShapes, smallStep } from '../oracles/smallSteps';

describe('ForcedResidency', () => {
  it('never finds an obstacle to a budget that a plan meets, however few looks it has', () => {
    let found = 0;
    let foundWithFew = 0;
    for (const shape of smallShapes) {
      for (let seed = 0; seed < 60; seed++) {
        const step = smallStep(shape, seed);
        if (!step) continue;
        const least = exhaustiveLeastPeak(step);
        const forced = new ForcedResidency(new Lifetimes(step, recomputableNodes(step)));
        for (const checks of [0, 1, 2, 3, 5, 8, undefined])
          expect(forced.obstacle(least, checks), `${shape} ${seed} ${checks}`).toBeUndefined();
        found += Number(forced.obstacle(least - 1) !== undefined);
        foundWithFew += Number(forced.obstacle(least - 1, 1) !== undefined);
      }
    }
    expect(found).toBeGreaterThan(foundWithFew);
    expect(foundWithFew).toBeGreaterThan(0);
  });
});
