import { describe, expect, it } from 'vitest';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { restingBytes } from '../../../planner-core/simulator/restingBytes';
import { keepEverything } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { ValueKind } from '../../../planner-core/step/stepGraph';
import { randomDirectives, randomStep } from '../support/randomStep';
import { trainingStep } from '../support/trainingStep';

const sumWhere = (bytes: Float64Array, isThere: (value: number) => boolean): number =>
  bytes.reduce((sum, own, value) => sum + (isThere(value) ? own : 0), 0);

describe('what a device holds between steps', () => {
  it('is what is there at the start, or what outlives the step, where nothing leaves', () => {
    for (let seed = 0; seed < 60; seed++) {
      const step = trainingStep(seed, 4);
      const resting = restingBytes(step, compileSchedule(step, keepEverything));
      const isUsed = (value: number): boolean =>
        step.inputs.items.includes(value) || step.updates.items.includes(value);
      const start = sumWhere(step.valueBytes, (value) => step.residentAtStart[value] === 1);
      // Inputs end with their last use, unless nothing uses them.
      const end = sumWhere(
        step.valueBytes,
        (value) => step.residentAtEnd[value] === 1 || (step.residentAtStart[value] === 1 && !isUsed(value)),
      );
      expect(resting, `seed ${seed}`).toBe(Math.max(start, end));
    }
  });

  it('never exceeds the peak, whatever is recomputed or offloaded', () => {
    for (let seed = 0; seed < 100; seed++) {
      const step = randomStep(seed, { forwardNodes: 6 });
      const schedule = compileSchedule(step, randomDirectives(seed, step));
      expect(restingBytes(step, schedule)).toBeLessThanOrEqual(simulate(step, schedule).peakBytes);
    }
  });

  it('leaves out state that lives on the host', () => {
    const step = trainingStep(3, 4);
    const states = [...step.valueKind.keys()].filter(
      (value) => step.valueKind[value] === ValueKind.optimizerState,
    );
    const away = compileSchedule(step, { ...keepEverything, offloads: Int32Array.from(states) });
    const stateBytes = sumWhere(step.valueBytes, (value) => states.includes(value));
    expect(stateBytes).toBeGreaterThan(0);
    const kept = restingBytes(step, compileSchedule(step, keepEverything));
    expect(restingBytes(step, away)).toBe(kept - stateBytes);
  });
});
