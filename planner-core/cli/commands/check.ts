import { dirname, join } from 'node:path';
import { HeadroomError } from '../../base/errors';
import { formatMemory } from '../../base/format';
import { memoryFits, type MemoryFit } from '../../plan/memoryFit';
import { parsePlan } from '../../plan/readPlan';
import type { Plan } from '../../plan/plan';
import type { PlannerSession } from '../../session/plannerSession';
import { openModelFile } from '../models';
import type { Options } from '../options';
import { result } from '../output';
import { readTextFile } from '../textFile';

/** Reads a plan file and opens the model it is for: `--model`, or the file of that name beside the plan. */
export function openPlanFile(path: string, options: Options): { plan: Plan; session: PlannerSession } {
  const plan = parsePlan(readTextFile(path, 'a plan file'));
  return { plan, session: openModelFile(modelPathOf(path, plan, options)) };
}

/** Where the model of a plan file is: `--model`, or beside it. */
export const modelPathOf = (path: string, plan: Plan, options: Options): string =>
  options.model ?? join(dirname(path), plan.model.file);

/**
 * `headroom check`: does the simulator confirm what the plan file says, and does that fit? Throws 'check-failed' with
 * the reason when not: exit code 1.
 */
export async function check(path: string, options: Options): Promise<number> {
  const { plan, session } = openPlanFile(path, options);
  session.check(plan);
  const memory = memoryFits(plan);
  const over = memory.filter(({ fits }) => !fits);
  if (!options.json) {
    result('schema, fingerprint and prediction agree');
    memory.forEach((fit) => result(`${fit.fits ? 'fits' : 'TOO LARGE'}: ${wordsFor(fit)}`));
  }
  if (over.length > 0)
    throw new HeadroomError(
      'check-failed',
      `The plan does not fit: ${over.map(wordsFor).join('; ')}.`,
      'Plan again for this budget and these devices, or for larger ones.',
    );
  if (options.json) result(JSON.stringify({ ok: true, peakBytes: plan.prediction.peakBytes, memory }));
  else result('ok');
  return 0;
}

const limits: Record<MemoryFit['limit'], string> = {
  budget: 'the budget is',
  device: 'the device has',
  offload: 'offloading may take',
};

const wordsFor = ({ place, peakBytes, limit, limitBytes }: MemoryFit): string =>
  `${place} needs ${formatMemory(peakBytes)}, ${limits[limit]} ${formatMemory(limitBytes)}`;
