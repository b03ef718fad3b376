import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { solveInstance, type InstanceSolution } from '../../planner-core/planners/solveInstance';
import { nodeSolverThreads } from '../../planner-core/node/solverThread';
import type { MilpEngine } from '../../planner-core/solvers/engine';
import { WorkerEngine } from '../../planner-core/solvers/workerEngine';
import { readGraphInstance } from '../../planner-core/step/graphInstance';
import { checkSequence, type RematInstance } from './lib/checkSequence';
import { planningCases, type PlanningCase } from './lib/planningCases';
import { printTable } from './lib/table';

interface InstanceFile extends RematInstance {
  readonly reference?: readonly {
    readonly who?: string;
    readonly rows?: readonly { readonly ratio: number; readonly overhead?: number | null }[];
  }[];
  readonly best_known?: {
    readonly rows: readonly {
      readonly ratio: number;
      readonly time_increase_pct?: number;
      readonly by?: string;
    }[];
  };
}

const header = [
  'instance',
  'budget',
  'overhead %',
  'bound %',
  'gap',
  'first plan s',
  'total s',
  'published %',
  'best recorded peer %',
  'bar',
];

/**
 * Every planning instance beside what is published for it and what peers answered. A schedule counts when a checker that
 * knows the instances' own definitions only agrees with it. HEADROOM_BENCH_SECONDS caps the time for each answer.
 */
export async function benchPlanning(repoRoot: string): Promise<void> {
  const folder = path.resolve(repoRoot, '../shared/data/instances/remat');
  if (!existsSync(folder)) {
    console.log('\nplanning: skipped, the instances (../shared/data/instances) are not here');
    return;
  }
  const capS = Number(process.env.HEADROOM_BENCH_SECONDS ?? Infinity);
  const dist = (name: string): string => path.join(repoRoot, 'dist', name);
  const threads = nodeSolverThreads(dist('solverWorker.js'), dist('highs.wasm'));
  const newEngine = (): MilpEngine => new WorkerEngine(threads);
  const rows: string[][] = [];
  for (const planningCase of planningCases) {
    const text = readFileSync(path.join(folder, `${planningCase.instance}.json`), 'utf8');
    const engine = newEngine();
    rows.push(await rowOf(planningCase, text, capS, engine).finally(() => engine.dispose()));
    console.log(rows[rows.length - 1].join('  '));
  }
  printTable('Planning instances', header, rows);
  writeFileSync(path.join(repoRoot, 'docs/planning-benchmarks.md'), documentOf(rows, capS));
}

async function rowOf(
  planningCase: PlanningCase,
  text: string,
  capS: number,
  engine: MilpEngine,
): Promise<string[]> {
  const { instance: name, ratio, limitS, published } = planningCase;
  const file = JSON.parse(text) as InstanceFile;
  const instance = readGraphInstance(text);
  const request = { budgetRatio: ratio, timeLimitS: Math.min(limitS, capS) };
  const solution = await solveInstance(instance, request, engine);
  const peer = bestPeer(file, ratio);
  return [
    name,
    String(ratio),
    solution.feasible ? solution.overheadPercent.toFixed(4) : 'none',
    solution.feasible ? solution.lowerBoundPercent.toFixed(4) : (solution.message ?? ''),
    solution.feasible ? solution.gapPercent.toFixed(4) : '',
    solution.firstPlanMs === undefined ? '' : (solution.firstPlanMs / 1000).toFixed(2),
    (solution.solveMs / 1000).toFixed(2),
    published ?? '',
    peer ? `${peer.percent.toFixed(2)} (${peer.who})` : '',
    verdict(planningCase, file, solution, peer?.percent),
  ];
}

/** Whether the answer is what it says it is, and good enough. */
function verdict(
  { ratio, limitS, atMostPercent, isProven }: PlanningCase,
  file: InstanceFile,
  solution: InstanceSolution,
  peerPercent: number | undefined,
): string {
  if (!solution.feasible) {
    if (!solution.message?.startsWith('No plan fits')) return 'missed: no plan, no proof';
    return peerPercent === undefined ? 'proof' : 'missed: a peer has a plan';
  }
  const { time, peakBytes } = checkSequence(file, solution.schedule);
  const budgetBytes = Math.floor(ratio * file.baseline!.peak_bytes!);
  if (peakBytes > budgetBytes || peakBytes > solution.peakBytes) return `WRONG: peak is ${peakBytes}`;
  if (Math.abs(time - solution.timeTotal) > 1e-6 * time) return `WRONG: time is ${time}`;
  if (atMostPercent !== undefined && solution.overheadPercent > atMostPercent + 1e-4)
    return `missed: at most ${atMostPercent}`;
  if (peerPercent !== undefined && solution.overheadPercent > peerPercent + 1e-4)
    return 'missed: a peer is better';
  if (isProven && solution.gapPercent > 1e-6) return 'missed: not proven';
  const isLate = solution.solveMs > 1000 * (limitS + 1);
  return isLate ? `late: ${limitS} s allowed` : 'met';
}

function bestPeer(file: InstanceFile, ratio: number): { percent: number; who: string } | undefined {
  const known = file.best_known?.rows.find((row) => row.ratio === ratio);
  if (known?.time_increase_pct !== undefined)
    return { percent: known.time_increase_pct, who: known.by ?? '' };
  const answers = (file.reference ?? []).flatMap(({ who = '', rows = [] }) =>
    rows
      .filter((row) => row.ratio === ratio && typeof row.overhead === 'number')
      .map((row) => ({ percent: 100 * (row.overhead! - 1), who: who.replace(/ \(.*/, '') })),
  );
  return answers.sort((a, b) => a.percent - b.percent).at(0);
}

function documentOf(rows: readonly (readonly string[])[], capS: number): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const limit = Number.isFinite(capS) ? `, answers cut off after ${capS} s` : '';
  return `# Planning benchmarks

Written by \`npm run bench -- planning\` on ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}${limit}.

Rematerialisation problems of the literature: a step in a given order, each node with a time and one result, and a budget
given as a share of the peak without repeats. Overhead is time added to the step without repeats. *Bound*: proven, no
plan within the budget adds less (nodes run for the first time in the given order; any number of repeats). *First plan*:
time until the first plan within the budget; *total*: until the answer. Every schedule is replayed by a checker that shares
no code with the planners (\`test/bench/lib/checkSequence.ts\`). Where no plan fits, the proof names the operator.

Sources. \`moccasin-*\`: the graphs of [Moccasin](https://github.com/haoming-codes/moccasin) (Bartan et al., ICML 2023); the
convolutional nets among them come from [Checkmate](https://github.com/parasj/checkmate) (Jain et al., MLSys 2020).
Published figures: Moccasin's poster, which prints one decimal and the seconds taken (16 workers). "Optimum": Moccasin's
staged model solved with OR-Tools 9.15, optimal among schedules that compute each node at most twice. \`dtr-*\`: operator
logs of [DTR](https://github.com/uwsampl/dtr-prototype) (Kirisame et al., ICLR 2021), with the answers of its simulator.
Peers' answers were obtained with their own code on two cores. The instances themselves are not part of this repository.

${line(header)}
${line(header.map(() => '---'))}
${rows.map(line).join('\n')}
`;
}
