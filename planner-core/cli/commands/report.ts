import { allocatorSettingsOf } from '../allocatorOptions';
import { openModelFile } from '../models';
import { readPlanFile } from '../namedFile';
import { badUsage, type Options } from '../options';
import { message, result, warnings, writeWhole } from '../output';

/** `headroom report`: a plan as one HTML file to attach to a ticket, or with --out FILE.md as Markdown. */
export async function report(model: string, options: Options): Promise<number> {
  if (options.plan === undefined) throw badUsage('report needs --plan PLAN.');
  const plan = readPlanFile(options.plan);
  const session = openModelFile(model);
  const target = options.out?.endsWith('.md') ? 'markdown' : 'report';
  const frontier = await session.frontierOf(plan, target);
  const exported = session.export(plan, target, undefined, frontier, allocatorSettingsOf(options));
  warnings(exported.warnings ?? []);
  const [{ text }] = exported.files;
  if (options.out === undefined) result(text);
  else {
    writeWhole(options.out, text);
    message(`wrote ${options.out}`);
  }
  return 0;
}
