import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { solveInstance } from '../../../../../planner-core/planners/solveInstance';
import { readGraphInstance } from '../../../../../planner-core/step/graphInstance';
import { bestPeerAnswer, replayLoad, type PlacementFile } from '../../../../bench/lib/checkPlacement';

const folder = path.resolve(import.meta.dirname, '../../../../../../shared/data/instances/placement');
const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('dnnp-thr')) : [];

describe.skipIf(names.length === 0)('placement for throughput (shared data needed: ../shared/data)', () => {
  it.each(names)(
    'is never worse than the best answer of a peer: %s',
    async (name) => {
      const text = readFileSync(path.join(folder, name), 'utf8');
      const file = JSON.parse(text) as PlacementFile;
      const { feasible, placement, timeTotal, firstPlanMs } = await solveInstance(readGraphInstance(text), {
        timeLimitS: 8,
      });
      expect(feasible).toBe(true);
      expect(firstPlanMs).toBeDefined();
      expect(replayLoad(file, placement!)).toBeCloseTo(timeTotal, 6);
      // Peers print six digits.
      expect(timeTotal).toBeLessThanOrEqual(bestPeerAnswer(file)!.objectiveMs * (1 + 1e-5));
    },
    60_000,
  );
});
