import loadHighs from 'highs';
import { appendTo } from '../../planner-core/base/groups';
import { uncontrolled } from '../../planner-core/base/job';
import { latencyBounds } from '../../planner-core/planners/placement/bounds/latencyBounds';
import type { AnnealedPlacement } from '../../planner-core/planners/placement/latency/annealPlacement';
import { exactLatency } from '../../planner-core/planners/placement/latency/exactLatency';
import { LatencyModel } from '../../planner-core/planners/placement/latency/latencyModel';
import { listPlacement } from '../../planner-core/planners/placement/latency/listHeuristics';
import { ListSchedule } from '../../planner-core/planners/placement/latency/listSchedule';
import { placeBySplitting } from '../../planner-core/planners/placement/latency/placeBySplitting';
import { HighsEngine } from '../../planner-core/solvers/highsEngine';
import { randomlyWiredPlacement } from './lib/randomlyWired';
import { printTable } from './lib/table';
import { ms, quantile } from './lib/timing';

const sizes = [20, 30, 40, 50, 60];
const seeds = [1, 2, 3];

/**
 * Splitting into modules beside the mixed-integer program over the whole graph, both from the placement of HEFT, on
 * randomly wired networks over a CPU and two unlike GPUs. HEADROOM_BENCH_SECONDS limits each program (60 when absent).
 */
export async function benchSplitting(): Promise<void> {
  const timeLimitS = Number(process.env.HEADROOM_BENCH_SECONDS ?? 60);
  const engine = new HighsEngine(() => loadHighs());
  const rows: string[][] = [];
  const ratios: number[] = [];
  const speedups = new Map<number, number[]>();
  for (const size of sizes) {
    for (const seed of seeds) {
      const model = new LatencyModel(randomlyWiredPlacement(size, seed));
      const { placement, sequence } = listPlacement(model, { priority: 'mean-rank', looksAhead: false });
      const heft: AnnealedPlacement = {
        placement,
        sequence,
        makespanMs: new ListSchedule(model, sequence).makespan(placement),
      };
      const single = Math.min(
        ...[0, 1, 2].map((device) =>
          new ListSchedule(model).makespan(new Uint8Array(model.groupCount).fill(device)),
        ),
      );
      const [split, splitMs] = await timed(() =>
        placeBySplitting(new ListSchedule(model, sequence), { isOrderFree: true }, uncontrolled),
      );
      const [exact, exactMs] = await timed(() =>
        exactLatency(model, heft, false, engine, { timeLimitS, rounds: 1 }, uncontrolled),
      );
      const ratio = split!.makespanMs / exact.best.makespanMs;
      const bound = Math.max(exact.boundMs, latencyBounds(model).bestMs);
      ratios.push(ratio);
      appendTo(speedups, size, exactMs / splitMs);
      const row = [
        `${size} nodes, seed ${seed}`,
        ...[single, heft.makespanMs, split!.makespanMs, exact.best.makespanMs, bound].map(ms),
        `${(100 * (ratio - 1)).toFixed(1)} %`,
        ...[splitMs, exactMs].map((value) => value.toFixed(0)),
        // A program that was stopped would have taken longer.
        `${exact.isOptimal ? '' : '≥ '}${(exactMs / splitMs).toFixed(0)}`,
        exact.isOptimal ? 'proven' : 'time limit',
      ];
      rows.push(row);
      console.log(row.join('  '));
    }
  }
  engine.dispose();
  const header = ['graph', 'one device', 'HEFT', 'splitting', 'program', 'bound', 'splitting above'];
  printTable(
    `Splitting beside the mixed-integer program (limit ${timeLimitS} s), makespans in ms`,
    [...header, 'splitting, CPU ms', 'program, CPU ms', 'times as fast', 'program'],
    rows,
  );
  console.log(`median of splitting / program: ${quantile(ratios, 0.5).toFixed(4)}`);
  for (const [size, values] of speedups)
    console.log(`${size} nodes: median ${quantile(values, 0.5).toFixed(0)} times as fast`);
}

/** Time of the processor, which other work on the machine does not lengthen; both sides run in this process. */
async function timed<T>(work: () => Promise<T>): Promise<[result: T, ms: number]> {
  const start = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(start);
  return [result, (user + system) / 1000];
}
