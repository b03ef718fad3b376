import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chainPlans,
  undominated,
  type Choice,
} from '../../../../planner-core/planners/chain/budgetProgramme';

const size = fc.integer({ min: 0, max: 40 });
const choice = (links: number): fc.Arbitrary<Choice> =>
  fc
    .tuple(fc.array(fc.tuple(size, size), { minLength: 1, maxLength: 2 }), fc.integer({ min: -5, max: 30 }))
    .map(([levels, savedBytes]) => {
      const needs = levels.map(([need]) => need).sort((a, b) => a - b);
      const times = levels.map(([, time]) => time).sort((a, b) => b - a);
      return { links, savedBytes, needBytes: Float64Array.from(needs), addedMs: Float64Array.from(times) };
    });
const chain = fc.integer({ min: 1, max: 4 }).chain((count) =>
  fc.record({
    stages: fc.tuple(
      ...Array.from({ length: count }, (_, stage) =>
        fc
          .tuple(
            fc.array(choice(1), { minLength: 1, maxLength: 2 }),
            fc.array(choice(Math.min(2, count - stage)), { maxLength: 1 }),
          )
          .map(([single, double]) => [...single, ...double]),
      ),
    ),
    betweenBytes: fc
      .array(size, { minLength: count + 1, maxLength: count + 1 })
      .map((sizes) => Float64Array.from(sizes)),
  }),
);

/** Need and time of every combination of choices. */
function everyCombination(
  stages: readonly (readonly Choice[])[],
  betweenBytes: Float64Array,
  stage = 0,
  savedBytes = 0,
): { need: number; time: number }[] {
  const around = betweenBytes[stage] - savedBytes;
  if (stage === stages.length) return [{ need: around, time: 0 }];
  return stages[stage].flatMap(({ links, savedBytes: saved, needBytes, addedMs }) => {
    const rest = everyCombination(stages, betweenBytes, stage + links, savedBytes + saved);
    return Array.from(needBytes, (need, level) =>
      rest.map((other) => ({
        need: Math.max(around, need - savedBytes, other.need),
        time: addedMs[level] + other.time,
      })),
    ).flat();
  });
}

describe('chainPlans', () => {
  it('finds the least time under every budget, as trying every combination does', () => {
    fc.assert(
      fc.property(chain, ({ stages, betweenBytes }) => {
        const plans = chainPlans(stages, betweenBytes);
        const all = everyCombination(stages, betweenBytes);
        for (let budget = -20; budget <= 60; budget++) {
          const fitting = all.filter(({ need }) => need <= budget).map(({ time }) => time);
          const plan = plans.findLast(({ needBytes }) => needBytes <= budget);
          expect(plan?.addedMs).toBe(fitting.length > 0 ? Math.min(...fitting) : undefined);
        }
      }),
      { seed: 7, numRuns: 100 },
    );
  });

  it('says which choices make a plan', () => {
    fc.assert(
      fc.property(chain, ({ stages, betweenBytes }) => {
        for (const { needBytes, addedMs, made } of chainPlans(stages, betweenBytes)) {
          let need = betweenBytes[0];
          let time = 0;
          let saved = 0;
          let stage = 0;
          for (const { choice, level } of made) {
            expect(stages[stage]).toContain(choice);
            need = Math.max(need, choice.needBytes[level] - saved);
            time += choice.addedMs[level];
            saved += choice.savedBytes;
            stage += choice.links;
            need = Math.max(need, betweenBytes[stage] - saved);
          }
          expect(stage).toBe(stages.length);
          expect(need).toBe(needBytes);
          expect(time).toBe(addedMs);
        }
      }),
      { seed: 8, numRuns: 200 },
    );
  });

  it('thins plans out without making up any', () => {
    // Far more distinct needs than plans are kept.
    const stages = Array.from({ length: 12 }, (_, stage) =>
      Array.from({ length: 8 }, (_unused, option): Choice => ({
        links: 1,
        savedBytes: option * (1 + 0.01 * stage),
        needBytes: Float64Array.of(20),
        addedMs: Float64Array.of(option ** 1.5),
      })),
    );
    const plans = chainPlans(
      stages,
      Float64Array.from({ length: 13 }, (_, before) => 20 + 5 * before),
    );
    expect(plans.length).toBeGreaterThan(100);
    expect(plans.length).toBeLessThan(1000);
    plans.forEach(({ needBytes, addedMs, made }, i) => {
      const saved = made.reduce((sum, { choice }) => sum + choice.savedBytes, 0);
      expect(needBytes).toBeGreaterThanOrEqual(80 - saved - 1e-9);
      if (i > 0) expect(needBytes).toBeGreaterThan(plans[i - 1].needBytes);
      if (i > 0) expect(addedMs).toBeLessThan(plans[i - 1].addedMs);
    });
  });
});

describe('undominated', () => {
  it('leaves out what another choice beats, and nothing that could be best', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(size, size, size), { minLength: 1, maxLength: 12 }),
        size,
        (numbers, floorBytes) => {
          const choices = numbers.map(([need, savedBytes, time]): Choice => ({
            links: 1,
            savedBytes,
            needBytes: Float64Array.of(need),
            addedMs: Float64Array.of(time),
          }));
          const kept = undominated(choices, floorBytes);
          for (const { savedBytes, needBytes, addedMs } of choices) {
            const isCovered = kept.some(
              (other) =>
                other.savedBytes >= savedBytes &&
                other.addedMs[0] <= addedMs[0] &&
                Math.max(floorBytes, other.needBytes[0]) <= Math.max(floorBytes, needBytes[0]),
            );
            expect(isCovered).toBe(true);
          }
        },
      ),
      { seed: 9 },
    );
  });
});
