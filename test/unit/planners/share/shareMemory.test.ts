import { describe, expect, it } from 'vitest';
import { leastShared, shareMemory, type JobPoint } from '../../../../planner-core/planners/share/shareMemory';
import { Random } from '../../support/random';

function randomJobs(random: Random, hasSteps: boolean): JobPoint[][] {
  return Array.from({ length: random.int(2, 4) }, () =>
    Array.from({ length: random.int(1, 6) }, () => ({
      heldBytes: random.int(0, 20),
      stepBytes: hasSteps ? random.int(0, 20) : 0,
      stepTimeMs: random.int(1, 30),
    })),
  );
}

const takes = (points: readonly JobPoint[]): number =>
  points.reduce((sum, { heldBytes }) => sum + heldBytes, 0) +
  Math.max(...points.map(({ stepBytes }) => stepBytes));

const timeOf = (points: readonly JobPoint[]): number =>
  points.reduce((sum, { stepTimeMs }) => sum + stepTimeMs, 0);

/** Every combination of points. */
function combinations(jobs: readonly (readonly JobPoint[])[]): JobPoint[][] {
  return jobs.reduce<JobPoint[][]>(
    (all, points) => all.flatMap((some) => points.map((point) => [...some, point])),
    [[]],
  );
}

describe('sharing the memory of a device', () => {
  it.each([false, true])(
    'takes the least time of all combinations that fit (steps one by one: %s)',
    (hasSteps) => {
      let shared = 0;
      for (let seed = 0; seed < 400; seed++) {
        const random = new Random(seed);
        const jobs = randomJobs(random, hasSteps);
        const memory = random.int(5, 70);
        const all = combinations(jobs);
        const fitting = all.filter((points) => takes(points) <= memory);
        const found = shareMemory(jobs, memory);
        expect(found !== undefined, `seed ${seed}`).toBe(fitting.length > 0);
        expect(leastShared(jobs), `seed ${seed}`).toBe(Math.min(...all.map(takes)));
        if (!found) continue;
        const points = found.map((choice, job) => jobs[job][choice]);
        expect(takes(points), `seed ${seed}`).toBeLessThanOrEqual(memory);
        expect(timeOf(points), `seed ${seed}`).toBe(Math.min(...fitting.map(timeOf)));
        shared++;
      }
      expect(shared).toBeGreaterThan(150);
    },
  );

  it('is quick for eight jobs of many plans', () => {
    const jobs = Array.from({ length: 8 }, (_, job) =>
      Array.from({ length: 24 }, (_, i) => ({
        ...{ heldBytes: 1000 + 97 * i + job, stepBytes: 0 },
        stepTimeMs: 100 + (24 - i) ** 2 * (1 + job / 7),
      })),
    );
    const found = shareMemory(jobs, 8 * 2000)!;
    const points = found.map((choice, job) => jobs[job][choice]);
    expect(takes(points)).toBeLessThanOrEqual(16_000);
    // No worse than equal shares.
    const equal = jobs.map((own) =>
      Math.min(...own.filter(({ heldBytes }) => heldBytes <= 2000).map(({ stepTimeMs }) => stepTimeMs)),
    );
    expect(timeOf(points)).toBeLessThanOrEqual(equal.reduce((sum, ms) => sum + ms, 0));
  });
});
