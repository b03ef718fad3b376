import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { solveInstance, type InstanceSolution } from '../../../../../planner-core/planners/solveInstance';
import { readGraphInstance, type GraphInstance } from '../../../../../planner-core/step/graphInstance';
import { bestPeerAnswer, replayLoad, type PlacementFile } from '../../../../bench/lib/checkPlacement';

const folder = path.resolve(import.meta.dirname, '../../../../../../shared/data/instances/placement');
const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('dnnp-thr')) : [];

/** Seconds to search: a machine that needs more gets more, none waits longer than it has to. */
const patienceS = [1, 8, 40];

/** The first answer that is at most `wanted`, or the last one. */
async function patientAnswer(instance: GraphInstance, wanted: number): Promise<InstanceSolution> {
  for (const timeLimitS of patienceS) {
    const answer = await solveInstance(instance, { timeLimitS });
    if (answer.timeTotal <= wanted || timeLimitS === patienceS.at(-1)) return answer;
  }
  throw new Error('there is no time to search in');
}

describe.skipIf(names.length === 0)('placement for throughput (shared data needed: ../shared/data)', () => {
  it.each(names)('is never worse than the best answer of a peer: %s', async (name) => {
    const text = readFileSync(path.join(folder, name), 'utf8');
    const file = JSON.parse(text) as PlacementFile;
    // Peers print six digits.
    const wanted = bestPeerAnswer(file)!.objectiveMs * (1 + 1e-5);
    const { feasible, placement, timeTotal, firstPlanMs } = await patientAnswer(
      readGraphInstance(text),
      wanted,
    );
    expect(feasible).toBe(true);
    expect(firstPlanMs).toBeDefined();
    expect(replayLoad(file, placement!)).toBeCloseTo(timeTotal, 6);
    expect(timeTotal).toBeLessThanOrEqual(wanted);
  });
});
