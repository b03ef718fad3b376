import { existsSync } from 'node:fs';
import path from 'node:path';
import { uncontrolled } from '../../base/job';
import { applyEdit, type PlanInputs } from '../../plan/planInputs';
import { planText } from '../../plan/writePlan';
import type { PlannerSession } from '../../session/plannerSession';
import type { NamedText } from '../../session/sizes/sizesModel';
import { aboutText } from '../assumedText';
import { badUsage, type Options } from '../options';
import { message, result, writeWhole } from '../output';
import { sizeMeasurements } from '../sizeMeasurements';
import { sizesText } from '../sizesText';
import { readTextFile } from '../namedFile';

/** `headroom plan --sizes FILE`: which plan for which size of the inputs. `--out` writes a plan file with all of them. */
export async function planSizes(
  session: PlannerSession,
  inputs: PlanInputs,
  options: Options,
): Promise<number> {
  const merge = options.merge === undefined ? undefined : Number(options.merge);
  if (merge !== undefined && !(merge >= 0 && merge <= 100))
    throw badUsage(`--merge is "${options.merge}": expected a percentage of the step time, 0 to 100.`);
  const answer = await session.sizes(
    {
      inputs,
      sizes: named(options.sizes!),
      dimensions: options.dimensions?.split(',').map((name) => name.trim()),
      mergePercent: merge,
      measurements: options.measured && (await sizeMeasurements(session, inputs, options.measured)),
    },
    uncontrolled,
    () => performance.now(),
  );
  if (options.out) {
    const { plan } = await session.plan(
      applyEdit(withLargest(inputs, answer.rows.at(-1)?.edit), answer.edit),
    );
    writeWhole(options.out, planText(plan));
    message(`wrote ${options.out}`);
  }
  const dims = session.summary.dims.filter(({ name }) => !answer.dimensions.includes(name));
  if (options.json) result(JSON.stringify(answer, undefined, 2));
  else
    result(
      `${aboutText({ ...session.summary, dims }, inputs, options)}\n\n${sizesText(answer, options.verbose ?? false)}`,
    );
  return answer.unplanned.length > 0 ? 1 : 0;
}

/** The plan of the file itself is the one for the largest size that fits. */
const withLargest = (inputs: PlanInputs, edit: Parameters<typeof applyEdit>[1] | undefined): PlanInputs =>
  edit ? applyEdit(inputs, edit) : inputs;

/** A histogram as it is typed: `128:0.3 256:0.5`, `224x320:4`, `p50:128`. */
const histogram = /^\s*p?\d+(\.\d+)?([x×]\d+)*\s*[:=]/i;

/** The sizes of `--sizes`: a histogram itself, or a file. */
const named = (text: string): NamedText =>
  histogram.test(text) && !existsSync(text)
    ? { name: 'sizes', text }
    : {
        name: path.basename(text),
        text: readTextFile(text, 'Give a file of sizes, or a histogram such as "128:0.3 256:0.7".'),
      };
