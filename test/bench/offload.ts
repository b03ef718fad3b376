import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { nodeSolverThreads } from '../../planner-core/node/solverThread';
import { solveInstance } from '../../planner-core/planners/solveInstance';
import { WorkerEngine } from '../../planner-core/solvers/workerEngine';
import { readGraphInstance } from '../../planner-core/step/graphInstance';
import { printTable } from './lib/table';

const instances = ['resnet18_cifar', 'resnet18', 'vgg16', 'resnet50'];
const devices = ['a72', 'm4', 'm0'];
/** Of the bytes of all results of the forward pass, and POET's own examples in bytes. */
const shares = [0.7, 0.5, 0.4, 0.3];
/** For each answer: some five minutes for all. */
const timeLimitS = 8;

/** POET's instances: the least energy under a memory limit. */
export async function benchOffload(repoRoot: string): Promise<void> {
  const dist = (name: string): string => path.join(repoRoot, 'dist', name);
  const rows: string[][] = [];
  for (const name of instances) {
    const file = path.resolve(repoRoot, '../shared/data/instances/remat', `poet-${name}.json`);
    if (!existsSync(file)) continue;
    const instance = readGraphInstance(readFileSync(file, 'utf8'));
    const forward = instance.nodes.reduce((sum, node) => sum + (node.backward ? 0 : node.outputBytes), 0);
    const own = name === 'resnet18_cifar' ? [3_000_000, 737_719] : [];
    for (const device of devices) {
      for (const budgetBytes of [...own, ...shares.map((share) => Math.floor(share * forward))]) {
        const runtimeRatio = budgetBytes === 737_719 ? 1.5 : 7.6;
        const engine = new WorkerEngine(nodeSolverThreads(dist('solverWorker.js'), dist('highs.wasm')));
        const request = { objective: 'energy', device, budgetBytes, runtimeRatio, timeLimitS } as const;
        const answer = await solveInstance(instance, request, engine).finally(() => engine.dispose());
        const { joules = 0, pagingJoules = 0, lowerBoundJoules = 0 } = answer.energy ?? {};
        const found = answer.feasible
          ? [joules, pagingJoules, lowerBoundJoules].map((value) => value.toPrecision(6))
          : ['none fits', '', ''];
        const gap = answer.feasible ? `${(100 * (joules / lowerBoundJoules - 1)).toFixed(4)} %` : '';
        rows.push([name, device, String(budgetBytes), ...found, gap, `${answer.solveMs.toFixed(0)} ms`]);
        console.log(rows[rows.length - 1].join('  '));
      }
    }
  }
  printTable(
    'POET: least energy under a memory limit (published: resnet18_cifar on a72 at 3,000,000 bytes 7.8xx J and 0.001xx J of paging)',
    ['network', 'device', 'bytes', 'J', 'of it paging', 'proven least J', 'gap', 'solved in'],
    rows,
  );
}
