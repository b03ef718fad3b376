import loadHighs from 'highs';
import { afterAll, describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../../planner-core/base/job';
import { exactLatency } from '../../../../../planner-core/planners/placement/latency/exactLatency';
import { LatencyModel } from '../../../../../planner-core/planners/placement/latency/latencyModel';
import { ListSchedule } from '../../../../../planner-core/planners/placement/latency/listSchedule';
import type { PlacementProblem, Transfers } from '../../../../../planner-core/planners/placement/problem';
import { HighsEngine } from '../../../../../planner-core/solvers/highsEngine';
import { Random } from '../../../support/random';
import { everyPlacement, randomPlacement } from './randomPlacements';

const engine = new HighsEngine(() => loadHighs());
afterAll(() => engine.dispose());

/** Every sequence of the tasks that keeps to what they read. */
function everySequence(model: LatencyModel): Int32Array[] {
  const found: Int32Array[] = [];
  const missing = new Int32Array(model.taskCount);
  for (let task = 0; task < model.taskCount; task++) model.forEachProducer(task, () => missing[task]++);
  const extend = (sequence: number[]): void => {
    if (sequence.length === model.taskCount) found.push(Int32Array.from(sequence));
    for (let task = 0; task < model.taskCount; task++) {
      if (missing[task] !== 0 || sequence.includes(task)) continue;
      model.forEachReader(task, (reader) => missing[reader]--);
      extend([...sequence, task]);
      model.forEachReader(task, (reader) => missing[reader]++);
    }
  };
  extend([]);
  return found;
}

function leastOf(problem: PlacementProblem, sequences: readonly Int32Array[]): number {
  const model = new LatencyModel(problem);
  const schedules = sequences.map((sequence) => new ListSchedule(model, sequence));
  let least = Infinity;
  for (const placement of everyPlacement(problem))
    for (const schedule of schedules) least = Math.min(least, schedule.makespan(placement, 0, least));
  return least;
}

const cases: readonly [Transfers['kind'], boolean][] = [
  ['through-host', true],
  ['through-host', false],
  ['links', false],
  ['links', true],
  ['listed', true],
];

describe.each(cases)('programs with transfers %s, order fixed: %s', (kind, isFixed) => {
  it('prove what trying everything finds', async () => {
    let solved = 0;
    let closed = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const random = new Random(seed);
      const devices = random.int(2, 3);
      const problem = randomPlacement(seed, {
        tasks: random.int(2, devices === 2 ? 6 : 5) + (isFixed ? 1 : 0),
        devices,
        kind,
        isSymmetric: random.chance(0.3),
        isColocated: random.chance(0.3),
        isOneChannel: random.chance(0.5),
        memorySlack: random.chance(0.5) ? random.int(11, 20) / 10 : undefined,
      });
      const model = new LatencyModel(problem);
      const least = leastOf(problem, isFixed ? [problem.order] : everySequence(model));
      // From the worst start there is: any placement that fits.
      let start: Uint8Array | undefined;
      let slowest = -1;
      for (const placement of everyPlacement(problem)) {
        const makespanMs = new ListSchedule(model).makespan(placement);
        if (makespanMs <= slowest) continue;
        slowest = makespanMs;
        start = placement.slice();
      }
      if (!start) continue;
      solved++;
      const given = { placement: start, sequence: problem.order, makespanMs: slowest };
      const limits = { timeLimitS: 60, rounds: 10 };
      const found = await exactLatency(model, given, isFixed, engine, limits, uncontrolled);
      const { best, boundMs } = found;
      expect(boundMs, `seed ${seed}`).toBeLessThanOrEqual(least * (1 + 1e-6) + 1e-6);
      expect(best.makespanMs, `seed ${seed}`).toBeGreaterThanOrEqual(least);
      expect(new ListSchedule(model, best.sequence).makespan(best.placement)).toBe(best.makespanMs);
      expect(model.memoryExcess(best.placement)).toBe(0);
      if (found.isOptimal) expect(best.makespanMs).toBeCloseTo(least, 6);
      closed += Number(found.isOptimal);
      // Only over links may an order of transfers be better than any order of tasks tells.
      if (kind !== 'links') expect(found.isOptimal, `seed ${seed}: ${boundMs} ${best.makespanMs}`).toBe(true);
    }
    expect(solved).toBeGreaterThan(50);
    expect(closed / solved).toBeGreaterThan(0.85);
  });
});
