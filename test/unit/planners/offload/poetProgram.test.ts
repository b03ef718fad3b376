import highsLoader from 'highs';
import { afterAll, describe, expect, it } from 'vitest';
import { pagingActions } from '../../../../planner-core/planners/instances/pagingPlan';
import { pagingProblem } from '../../../../planner-core/planners/instances/pagingProblem';
import { PoetProgram } from '../../../../planner-core/planners/instances/poetProgram';
import { replayPaging } from '../../../../planner-core/planners/instances/replayPaging';
import { HighsEngine } from '../../../../planner-core/solvers/highsEngine';
import { readGraphInstance } from '../../../../planner-core/step/graphInstance';
import {
  fileOf,
  leastEnergy,
  leastMemory,
  tinyBranches,
  tinyPaging,
  tinyTraining,
  type TinyPaging,
} from './tinyPaging';

const subsetsOf = (mask: number): number[] => {
  const subsets = [mask];
  for (let subset = mask; subset > 0;) subsets.push((subset = (subset - 1) & mask));
  return subsets;
};
const membersOf = (mask: number, count: number): number[] =>
  Array.from({ length: count }, (_, node) => node).filter((node) => (mask >> node) & 1);

/** The most bytes in use in a stage that begins with `held`, computes `computed` in order and leaves `kept`. */
function stagePeak({ bytes, reads }: TinyPaging, held: number, computed: number, kept: number): number {
  const count = bytes.length;
  let memory = held;
  let peak = 0;
  for (const node of membersOf(computed, count)) {
    memory |= 1 << node;
    const inUse = membersOf(memory, count).reduce((sum, other) => sum + bytes[other], 0);
    peak = Math.max(peak, inUse);
    const later = membersOf(computed, count).filter((other) => other > node);
    for (const read of reads[node])
      if (!((kept >> read) & 1) && !later.some((other) => reads[other].includes(read)))
        memory &= ~(1 << read);
  }
  return peak;
}

/** The least energy by POET's rules: stage after stage, over all that may be in memory and in storage between two. */
function leastByStages(tiny: TinyPaging, budget: number): number {
  const { bytes, compute, pageIn, pageOut, reads } = tiny;
  const count = bytes.length;
  const sum = (list: readonly number[], mask: number): number =>
    membersOf(mask, count).reduce((total, node) => total + list[node], 0);
  let states = new Map<string, number>([['0 0', 0]]);
  for (let stage = 0; stage < count; stage++) {
    const next = new Map<string, number>();
    for (const [key, joules] of states) {
      const [held, stored] = key.split(' ').map(Number);
      for (const repeated of subsetsOf(((1 << stage) - 1) & ~held)) {
        const computed = repeated | (1 << stage);
        const isThere = (read: number): boolean => (((held | computed) >> read) & 1) === 1;
        if (!membersOf(computed, count).every((node) => reads[node].every(isThere))) continue;
        for (const kept of subsetsOf(held | computed)) {
          if (stagePeak(tiny, held, computed, kept) > budget) continue;
          for (const fetched of subsetsOf(stored & ~held & ~computed)) {
            for (const sent of subsetsOf(held & ~stored)) {
              const to = `${kept | fetched} ${stored | sent}`;
              const total = joules + sum(compute, computed) + sum(pageIn, fetched) + sum(pageOut, sent);
              if (total < (next.get(to) ?? Infinity)) next.set(to, total);
            }
          }
        }
      }
    }
    states = next;
  }
  return Math.min(Infinity, ...states.values());
}

describe('PoetProgram', () => {
  const engine = new HighsEngine(() => highsLoader());
  afterAll(() => engine.dispose());

  /** The least energy of the program by the engine, held to the search; Infinity where nothing fits. */
  async function leastOfProgram(tiny: TinyPaging, budget: number, where: string): Promise<number> {
    const problem = pagingProblem(readGraphInstance(fileOf(tiny)), undefined, budget, 100);
    const program = new PoetProgram(problem);
    const { status, incumbent } = await engine.solve(program.program, { timeLimitS: 30 });
    const best = leastByStages(tiny, budget);
    expect(status, where).toBe(best === Infinity ? 'infeasible' : 'optimal');
    if (!incumbent) return best;
    expect(incumbent.objective, where).toBeCloseTo(best, 5);
    const cost = replayPaging(problem, pagingActions(problem, program.returnsOf(incumbent.values)));
    expect(cost.peakBytes, where).toBeLessThanOrEqual(budget);
    expect(cost.computeJ + cost.pagingJ, where).toBeLessThanOrEqual(best + 1e-6);
    return best;
  }

  it("has the optimum of a search by POET's rules, and of one by ours where what was just made is read at once", async () => {
    for (let seed = 0; seed < 24; seed++) {
      const tiny = seed % 2 === 0 ? tinyPaging(seed, 5) : tinyTraining(seed, 2);
      const least = leastMemory(tiny);
      for (const budget of [least - 1, least, least + 2]) {
        const where = `seed ${seed}, budget ${budget}`;
        expect(await leastOfProgram(tiny, budget, where), where).toBe(leastEnergy(tiny, budget));
      }
    }
  });

  it('is dearer than the best plan by our rules, or has none, where what is sent away must first be held', async () => {
    let cheaper = 0;
    for (let seed = 0; seed < 30; seed++) {
      const tiny = tinyBranches(seed, 5);
      const budget = leastMemory(tiny);
      const where = `seed ${seed}`;
      const best = await leastOfProgram(tiny, budget, where);
      const ours = leastEnergy(tiny, budget);
      expect(ours, where).toBeLessThanOrEqual(best);
      cheaper += Number(ours < best);
    }
    expect(cheaper).toBeGreaterThan(0);
  });
});
