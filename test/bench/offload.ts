import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { MemoryByteSource } from '../../planner-core/bytes/byteSource';
import { deviceNamed } from '../../planner-core/devices/catalogue';
import { nodeSolverThreads } from '../../planner-core/node/solverThread';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import { solveInstance } from '../../planner-core/planners/solveInstance';
import { PlannerSession } from '../../planner-core/session/plannerSession';
import { WorkerEngine } from '../../planner-core/solvers/workerEngine';
import { readGraphInstance } from '../../planner-core/step/graphInstance';
import { printTable } from './lib/table';

const instances = ['resnet18_cifar', 'resnet18', 'vgg16', 'resnet50'];
const devices = ['a72', 'm4'];
/** Of the bytes of all results of the forward pass, and POET's own examples in bytes. */
const shares = [0.7, 0.5, 0.3];
const timeLimitS = 4;

/** Batches of the largest-batch table grow by this until nothing fits any more. */
const growth = 1.15;
const mostOverheadPercent = 50;

/** Offloading: POET's instances, and the largest batches of a ResNet under four ways of saving memory. */
export async function benchOffload(repoRoot: string): Promise<void> {
  await benchPoet(repoRoot);
  await benchBatches(repoRoot);
}

async function benchPoet(repoRoot: string): Promise<void> {
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
        const gap = answer.feasible ? `${answer.gapPercent.toFixed(4)} %` : '';
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

async function benchBatches(repoRoot: string): Promise<void> {
  const bytes = readFileSync(path.join(repoRoot, 'samples/resnet50.train.onnx'));
  const session = PlannerSession.open(new MemoryByteSource(bytes), 'resnet50.train.onnx');
  const name = 'V100 SXM2 16GB';
  const { memoryBytes } = deviceNamed(name);
  const base = session.defaultInputs([{ id: 'gpu0', name, memoryBytes }]);
  const inputsAt = (batch: number, ways: Partial<PlanInputs>): PlanInputs => ({
    ...base,
    ...ways,
    workload: { ...base.workload, dims: { batch }, optimizer: 'momentum' },
  });
  const keepAllFits = (batch: number): boolean =>
    session.configure(inputsAt(batch, {})).keepAllPeakBytes <= memoryBytes;
  let keepAll = 16;
  while (keepAllFits(keepAll + 4)) keepAll += 4;
  const rows = [['keep everything', String(keepAll), '1.00 ×', '+0.0 %']];
  const offload = { to: 'host' } as const;
  for (const [way, changes] of [
    ['recompute', {}],
    ['recompute and offload', { offload }],
  ] as const) {
    let largest = keepAll;
    let overhead = 0;
    for (let batch = keepAll; ; batch = Math.ceil(batch * growth)) {
      const { plan, infeasible } = await session.plan(inputsAt(batch, changes));
      if (infeasible || plan.prediction.overheadPercent > mostOverheadPercent) break;
      largest = batch;
      overhead = plan.prediction.overheadPercent;
      console.log(way, batch, overhead.toFixed(1));
    }
    rows.push([way, String(largest), `${(largest / keepAll).toFixed(2)} ×`, `+${overhead.toFixed(1)} %`]);
  }
  printTable(
    `ResNet-50, ${name}, momentum: largest batch at no more than ${mostOverheadPercent} % of added time (DELTA prints 2.04 ×)`,
    ['way', 'batch', 'of keeping everything', 'added time'],
    rows,
  );
}
