import highsLoader from 'highs';
import { afterAll, describe, expect, it } from 'vitest';
import { fitReturns } from '../../../../planner-core/planners/instances/fitReturns';
import { returnsJ } from '../../../../planner-core/planners/instances/improveReturns';
import { pagingActions } from '../../../../planner-core/planners/instances/pagingPlan';
import { pagingProblem } from '../../../../planner-core/planners/instances/pagingProblem';
import { joulesOf, replayPaging } from '../../../../planner-core/planners/instances/replayPaging';
import { StageProgram } from '../../../../planner-core/planners/instances/stageProgram';
import { HighsEngine } from '../../../../planner-core/solvers/highsEngine';
import { readGraphInstance } from '../../../../planner-core/step/graphInstance';
import { fileOf, leastEnergy, leastMemory, tinyBranches, tinyTraining } from './tinyPaging';

describe('StageProgram', () => {
  const engine = new HighsEngine(() => highsLoader());
  afterAll(() => engine.dispose());

  it('is never above the least energy of all states, with every stage or a few, and mostly reaches it', async () => {
    let cases = 0;
    let reached = 0;
    for (let seed = 0; seed < 30; seed++) {
      const tiny = seed % 2 === 0 ? tinyTraining(seed, 3) : tinyBranches(seed, 6);
      const budget = leastMemory(tiny) + (seed % 3);
      const problem = pagingProblem(readGraphInstance(fileOf(tiny)), 'd', budget, 100);
      const onceJ = tiny.compute.reduce((sum, joules) => sum + joules, 0);
      const mostJ = returnsJ(problem, fitReturns(problem, problem.bytes.map(() => []))); // prettier-ignore
      if (mostJ === 0) continue;
      const best = leastEnergy(tiny, budget);
      const all = Array.from({ length: problem.count - 1 }, (_, position) => position);
      for (const ends of [all, all.filter((position) => position % 2 === 1)]) {
        const program = new StageProgram(problem, ends, mostJ);
        const { bound, incumbent } = await engine.solve(program.program, { timeLimitS: 20 });
        const where = `seed ${seed}, stages to ${ends.join()}`;
        expect(onceJ + bound / program.costPerJ, where).toBeLessThanOrEqual(best + 1e-5);
        cases++;
        reached += Number(onceJ + bound / program.costPerJ > best - 1e-5);
        // Its plan can be done, if not always in the memory there is: then it is no dearer than the program says.
        const cost = replayPaging(problem, pagingActions(problem, program.returnsOf(incumbent!.values)));
        expect(joulesOf(cost), where).toBeLessThanOrEqual(
          onceJ + incumbent!.objective / program.costPerJ + 1e-6,
        );
      }
    }
    expect(cases).toBeGreaterThan(30);
    expect(reached / cases).toBeGreaterThan(0.7);
  });
});
