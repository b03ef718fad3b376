import { dirname, join } from 'node:path';
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

/** `headroom check`: does the simulator confirm what the plan file says? Exit code 1 with the reason when not. */
export async function check(path: string, options: Options): Promise<number> {
  const { plan, session } = openPlanFile(path, options);
  session.check(plan);
  if (options.json) result(JSON.stringify({ ok: true, peakBytes: plan.prediction.peakBytes }));
  else result('ok: schema, fingerprint and prediction agree');
  return 0;
}
