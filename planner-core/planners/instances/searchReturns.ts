import { sequenceOfChance } from '../schedule/chance';
import { fitReturns } from './fitReturns';
import { improveReturns, returnsJ, sameJ } from './improveReturns';
import { pagingActions, type Returns } from './pagingPlan';
import type { PagingProblem } from './pagingProblem';
import { fits, replayPaging } from './replayPaging';

/** Positions that a round plans anew, at most, as a share of all. */
const largestRuin = 0.3;
/** Of what comes back there, a round takes out this share at least. */
const leastRuined = 0.3;
/** A plan is gone on from while it takes at most this share more than the best, beyond computing once. */
const deviation = 0.02;

/**
 * Improves a plan: takes out some of what comes back in a stretch of the step, makes the rest fit again, and goes on from
 * the result when it is not much dearer (ruin and recreate, Schrimpf et al., J. Comput. Phys. 2000). Chance comes from a
 * fixed sequence of numbers: as many rounds always give the same plan. Ends early at a plan that takes `leastJ`.
 */
export function searchReturns(
  problem: PagingProblem,
  start: Returns,
  leastJ: number,
  rounds: number,
  isOver: () => boolean,
): Returns {
  const chance = sequenceOfChance(0x2545f491);
  let best = start;
  let bestJ = returnsJ(problem, best);
  let current = best;
  for (let round = 0; round < rounds && bestJ > leastJ * (1 + sameJ) && !isOver(); round++) {
    const length = 1 + Math.floor(chance() * largestRuin * problem.count);
    const from = Math.floor(chance() * (problem.count - length));
    const to = from + length;
    const share = leastRuined + (1 - leastRuined) * chance();
    const ruined = current.map((row, position) =>
      position < from || position > to ? row : row.filter(() => chance() >= share),
    );
    const next = improveReturns(problem, fitReturns(problem, ruined, chance), from, to);
    const joules = returnsJ(problem, next);
    if (joules > bestJ * (1 + deviation)) {
      current = best;
      continue;
    }
    if (!fits(problem, replayPaging(problem, pagingActions(problem, next)))) continue;
    current = next;
    if (joules < bestJ) [best, bestJ] = [next, joules];
  }
  return best;
}
