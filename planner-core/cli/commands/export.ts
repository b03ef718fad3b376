import { exportTargets } from '../../exporters/targets';
import { badUsage, type Options } from '../options';
import { message, result, writeWhole } from '../output';
import { openPlanFile } from './check';

/** `headroom export`: a plan in another form. */
export async function exportPlan(path: string, options: Options): Promise<number> {
  const target = exportTargets.find((candidate) => candidate === options.target);
  if (!target) throw badUsage(`--target is "${options.target ?? ''}": expected ${exportTargets.join(', ')}.`);
  const { plan, session } = openPlanFile(path, options);
  const { text } = session.export(plan, target);
  if (options.out) {
    writeWhole(options.out, text);
    message(`wrote ${options.out}`);
  } else result(text);
  return 0;
}
