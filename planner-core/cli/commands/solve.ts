import { readFileSync } from 'node:fs';
import { HeadroomError } from '../../base/errors';
import { readGraphInstance } from '../../step/graphInstance';
import { solveInstance } from '../../planners/solveInstance';
import { overFiles } from '../models';
import { solverEngine } from '../solverEngine';
import { badUsage, positiveNumber, type Options } from '../options';
import { table } from '../output';

const objectives = ['time', 'latency', 'throughput', 'energy'] as const;

/** `headroom solve`: the planners on a raw graph in the dnn-graph-instance/1 format. Exit code 1 when infeasible. */
export function solve(files: readonly string[], options: Options): Promise<number> {
  const objective = objectives.find((candidate) => candidate === (options.objective ?? 'time'));
  if (!objective) throw badUsage(`--objective is "${options.objective}": expected ${objectives.join(', ')}.`);
  const request = {
    budgetBytes: positiveNumber('budget', options.budget),
    budgetRatio: positiveNumber('budget-ratio', options['budget-ratio']),
    timeLimitS: positiveNumber('time-limit', options['time-limit']),
    objective,
  };
  const engine = solverEngine();
  return overFiles(files, options.json ?? false, async (file) => {
    const value = await solveInstance(readGraphInstance(readInstance(file)), request, engine);
    const text = table([
      ['feasible', String(value.feasible)],
      ['overhead', `${value.overheadPercent.toFixed(4)} %`],
      ['peak', String(value.peakBytes)],
      ['proven least overhead', `${value.lowerBoundPercent.toFixed(4)} %`],
      ['planner', value.planner],
      ['solved in', `${value.solveMs.toFixed(0)} ms`],
      ...(value.message === undefined ? [] : [['why', value.message]]),
    ]);
    return { value, text, exitCode: value.feasible ? 0 : 1 };
  }).finally(() => engine.dispose());
}

function readInstance(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HeadroomError(
      'file-access',
      `Cannot read ${file}: ${reason}`,
      'Give the path of an instance file.',
      {
        file,
      },
    );
  }
}
