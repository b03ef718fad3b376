import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../../planner-core/base/job';
import { latencyBounds } from '../../../../../planner-core/planners/placement/bounds/latencyBounds';
import { branchPlacements } from '../../../../../planner-core/planners/placement/latency/branchPlacements';
import { LatencyModel } from '../../../../../planner-core/planners/placement/latency/latencyModel';
import { ListSchedule } from '../../../../../planner-core/planners/placement/latency/listSchedule';
import type { Transfers } from '../../../../../planner-core/planners/placement/problem';
import { Random } from '../../../support/random';
import { everyPlacement, randomPlacement } from './randomPlacements';

const kinds: Transfers['kind'][] = ['links', 'through-host', 'listed'];

describe.each(kinds)('branch and bound with transfers: %s', (kind) => {
  it('is as fast as the best of all placements, which no bound exceeds', async () => {
    let reached = 0;
    let cases = 0;
    for (let seed = 1; seed <= 1000; seed++) {
      const random = new Random(seed);
      const devices = random.int(2, 3);
      const problem = randomPlacement(seed, {
        tasks: random.int(1, devices === 2 ? 10 : 7),
        devices,
        kind,
        isSymmetric: random.chance(0.3),
        isColocated: random.chance(0.3),
        isPinned: random.chance(0.3),
        isOneChannel: random.chance(0.5),
        memorySlack: random.chance(0.6) ? random.int(10, 20) / 10 : undefined,
      });
      const model = new LatencyModel(problem);
      const schedule = new ListSchedule(model);
      let least = Infinity;
      for (const placement of everyPlacement(problem))
        least = Math.min(least, schedule.makespan(placement, 0, least));
      const start = new Uint8Array(model.groupCount);
      const found = await branchPlacements(schedule, start, Infinity, 1e9, uncontrolled);
      expect(found.makespanMs, `seed ${seed}`).toBe(least);
      if (found.placement) expect(new ListSchedule(model).makespan(found.placement)).toBe(least);
      expect(found.isOptimal).toBe(true);
      if (least === Infinity) continue;
      cases++;
      const bounds = latencyBounds(model);
      for (const bound of Object.values(bounds))
        expect(bound, `seed ${seed}: ${JSON.stringify(bounds)}`).toBeLessThanOrEqual(
          least * (1 + 1e-12) + 1e-9,
        );
      reached += Number(bounds.bestMs > 0.95 * least);
    }
    expect(cases).toBeGreaterThan(700);
    expect(reached / cases).toBeGreaterThan(0.2);
  });
});
