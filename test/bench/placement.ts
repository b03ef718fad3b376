import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { nodeSolverThreads } from '../../planner-core/node/solverThread';
import { solveInstance, type InstanceSolution } from '../../planner-core/planners/solveInstance';
import { WorkerEngine } from '../../planner-core/solvers/workerEngine';
import { readGraphInstance } from '../../planner-core/step/graphInstance';
import { bestPeerAnswer, replayLatency, replayLoad, type PlacementFile } from './lib/checkPlacement';
import { printTable } from './lib/table';

const header = [
  'instance',
  'nodes',
  'devices',
  'ms',
  'bound ms',
  'gap %',
  'best peer ms',
  'found by',
  'first plan ms',
  'total s',
  'bar',
];
const limitS = 30;
/** What follows it in the document is about other benches, and stays. */
const byHandMark = '<!-- by hand from here on -->';
/** Peers print six digits. */
const peerRounding = 1e-5;

/**
 * Every placement instance beside what peers answered. A placement counts when a checker that knows the instances' own
 * definitions only agrees with it. HEADROOM_BENCH_SECONDS caps the time for each answer.
 */
export async function benchPlacement(repoRoot: string): Promise<void> {
  const folder = path.resolve(repoRoot, '../shared/data/instances/placement');
  if (!existsSync(folder)) {
    console.log('\nplacement: skipped, the instances (../shared/data/instances) are not here');
    return;
  }
  const timeLimitS = Math.min(limitS, Number(process.env.HEADROOM_BENCH_SECONDS ?? Infinity));
  const dist = (name: string): string => path.join(repoRoot, 'dist', name);
  const threads = nodeSolverThreads(dist('solverWorker.js'), dist('highs.wasm'));
  const rows: Record<'throughput' | 'latency', string[][]> = { throughput: [], latency: [] };
  const texts = new Map<string, string[]>();
  for (const name of readdirSync(folder).sort()) {
    const text = readFileSync(path.join(folder, name), 'utf8');
    const file = JSON.parse(text) as PlacementFile;
    const engine = new WorkerEngine(threads);
    const solution = await solveInstance(readGraphInstance(text), { timeLimitS }, engine).finally(() =>
      engine.dispose(),
    );
    const row = rowOf(file, solution, timeLimitS);
    rows[file.kind === 'placement-latency' ? 'latency' : 'throughput'].push(row);
    texts.set(file.id, peersOf(file));
    console.log(row.join('  '));
  }
  printTable('placement', header, [...rows.throughput, ...rows.latency]);
  const document = path.join(repoRoot, 'docs/placement-benchmarks.md');
  const byHand = readFileSync(document, 'utf8').split(byHandMark)[1] ?? '';
  const tables = documentOf(rows.throughput, rows.latency, texts, timeLimitS);
  writeFileSync(document, `${tables}\n${byHandMark}${byHand}`);
}

function rowOf(file: PlacementFile, solution: InstanceSolution, timeLimitS: number): string[] {
  const peer = bestPeerAnswer(file);
  const { timeTotal, lowerBoundPercent, overheadPercent } = solution;
  const boundMs = (timeTotal * (100 + lowerBoundPercent)) / (100 + overheadPercent);
  return [
    file.id,
    String(file.nodes.length),
    file.devices.length.toString(),
    timeTotal.toFixed(4),
    boundMs.toFixed(4),
    (100 * (1 - boundMs / timeTotal)).toFixed(2),
    peer ? String(peer.objectiveMs) : 'none',
    solution.planner,
    solution.firstPlanMs?.toFixed(0) ?? '',
    (solution.solveMs / 1000).toFixed(1),
    verdict(file, solution, peer?.objectiveMs, timeLimitS),
  ];
}

function verdict(
  file: PlacementFile,
  { feasible, placement, schedule, timeTotal, solveMs }: InstanceSolution,
  peerMs: number | undefined,
  timeLimitS: number,
): string {
  if (!feasible || !placement) return peerMs === undefined ? 'none' : 'missed: a peer has a placement';
  try {
    const sequence = schedule.flatMap((action) => (action.op === 'compute' ? [action.node] : []));
    const isLatency = file.kind === 'placement-latency';
    const ms = isLatency ? replayLatency(file, placement, sequence) : replayLoad(file, placement);
    if (Math.abs(ms - timeTotal) > 1e-6 * ms) return `WRONG: takes ${ms} ms`;
  } catch (thrown) {
    return `WRONG: ${String(thrown)}`;
  }
  if (solveMs > 1000 * timeLimitS) return `late: ${timeLimitS} s allowed`;
  if (peerMs === undefined) return 'met';
  if (timeTotal > peerMs * (1 + peerRounding)) return 'missed: a peer is better';
  return timeTotal < peerMs * (1 - peerRounding)
    ? `better by ${(100 * (1 - timeTotal / peerMs)).toFixed(2)} %`
    : 'met';
}

function peersOf({ reference }: PlacementFile): string[] {
  return reference.map(({ method, objective_ms: ms, status, warning }) => {
    const remark = warning ? ' (not valid: out of memory)' : '';
    return `${method}: ${ms === null ? status : `${ms} ms`}${remark}`;
  });
}

function documentOf(
  throughput: readonly (readonly string[])[],
  latency: readonly (readonly string[])[],
  peers: ReadonlyMap<string, readonly string[]>,
  timeLimitS: number,
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const tableOf = (rows: readonly (readonly string[])[]): string =>
    [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
  const lists = [...peers].map(([id, answers]) => `- ${id}: ${answers.join('; ')}`);
  return `# Placement benchmarks

Written by \`npm run bench -- placement\` on ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, ${timeLimitS} s for each answer.

The placement problems of [dnn-partitioning](https://github.com/msr-fiddle/dnn-partitioning) (Tarnawski et al., NeurIPS 2020): a
model's nodes with their times on CPUs and accelerators, what each occupies on an accelerator, and the time to bring its result to or
from host memory. *Bound*: proven, no placement is faster; the gap is what might be gained at most. *First plan*: time
until the first valid placement. Every answer is replayed by a checker that shares no code with the planners
(\`test/bench/lib/checkPlacement.ts\`). Peers' answers were obtained with their own code on two cores; those that exceed a memory limit, and
largest loads given for a latency, do not count.

## Throughput: time for each sample of the busiest device

${tableOf(throughput)}

## Latency: time until one sample is through

${tableOf(latency)}

## Answers of peers

${lists.join('\n')}
`;
}
