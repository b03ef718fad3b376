import { differenceLines, differenceSummary } from '../../plan/differenceLines';
import { planDifferences } from '../../plan/planDifferences';
import { readPlanFile } from '../namedFile';
import { badUsage, type Options } from '../options';
import { result } from '../output';

/**
 * `headroom diff`: what differs between two plan files, in plain words; with `--verbose` layer by layer. The models are not
 * opened.
 */
export async function diff(files: readonly string[], options: Options): Promise<number> {
  if (files.length !== 2) throw badUsage('diff takes two plan files: headroom diff BEFORE AFTER.');
  const [before, after] = files.map(readPlanFile);
  const differences = planDifferences(before, after);
  const lines = options.verbose ? differenceLines : differenceSummary;
  result(options.json ? JSON.stringify({ differences }) : lines(differences).join('\n'));
  return 0;
}
