import { readGraphInstance } from '../../step/graphInstance';
import { solveInstance, type InstanceSolution } from '../../planners/solveInstance';
import { overFiles } from '../models';
import { readTextFile } from '../namedFile';
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
    device: options.device?.[0],
    runtimeRatio: positiveNumber('runtime-ratio', options['runtime-ratio']),
  };
  const engine = solverEngine();
  return overFiles(files, options.json ?? false, async (file) => {
    const value = await solveInstance(readGraphInstance(readTextFile(file)), request, engine);
    return { value, text: answerText(value), exitCode: value.feasible ? 0 : 1 };
  }).finally(() => engine.dispose());
}

function answerText(answer: InstanceSolution): string {
  const { feasible, peakBytes, planner, solveMs, message } = answer;
  return table([
    ['feasible', String(feasible)],
    ...objectiveRows(answer),
    ['peak', String(peakBytes)],
    ['planner', planner],
    ['solved in', `${solveMs.toFixed(0)} ms`],
    ...(message === undefined ? [] : [['why', message]]),
  ]);
}

/** Of placements the latency or period itself, of schedules what repeats add. */
function objectiveRows(answer: InstanceSolution): string[][] {
  const { energy } = answer;
  if (energy) {
    const joules = (value: number): string => `${value.toFixed(6)} J`;
    return [
      ['energy', joules(energy.joules)],
      ['of it paging', joules(energy.pagingJoules)],
      ['proven least energy', joules(energy.lowerBoundJoules)],
      ['gap', `${answer.gapPercent.toFixed(4)} %`],
      ['computations', `${answer.timeTotal.toFixed(4)} ms`],
    ];
  }
  const { objective, timeTotal, lowerBoundTotal = 0, overheadPercent, lowerBoundPercent } = answer;
  if (objective === undefined) {
    return [
      ['overhead', `${overheadPercent.toFixed(4)} %`],
      ['proven least overhead', `${lowerBoundPercent.toFixed(4)} %`],
    ];
  }
  // As the table of docs/placement-benchmarks.md has it: what might be gained at most.
  const gapPercent = timeTotal > 0 ? 100 * (1 - lowerBoundTotal / timeTotal) : 0;
  return [
    [objective, `${timeTotal.toFixed(4)} ms`],
    [`proven least ${objective}`, `${lowerBoundTotal.toFixed(4)} ms`],
    ['gap', `${gapPercent.toFixed(2)} %`],
    ['against the best single device', `${overheadPercent > 0 ? '+' : ''}${overheadPercent.toFixed(2)} %`],
  ];
}
