import path from 'node:path';
import { defaultDeviceName, findDevice } from '../../planner-core/devices/catalogue';
import { openFile } from '../../planner-core/node/fileByteSource';
import { strategies } from '../../planner-core/plan/plan';
import { pointAtBudget } from '../../planner-core/planners/frontier';
import { PlannerSession } from '../../planner-core/session/plannerSession';
import { sampleModels } from './lib/samples';
import { printTable } from './lib/table';
import { ms } from './lib/timing';

const lookups = 1000;

/** The whole budget-to-time curve of every strategy, and what finding a plan on it costs afterwards. */
export async function benchFrontier(repoRoot: string): Promise<void> {
  const spec = findDevice(defaultDeviceName)!;
  const devices = [{ id: 'gpu0', name: spec.name, memoryBytes: spec.memoryBytes }];
  const rows: string[][] = [];
  for (const file of sampleModels(repoRoot)) {
    const source = openFile(file);
    const session = PlannerSession.open(source, path.basename(file));
    source.close();
    const inputs = session.defaultInputs(devices);
    const { keepAllPeakBytes } = session.configure(inputs);
    const start = performance.now();
    const frontier = await session.frontier(inputs);
    const frontierMs = performance.now() - start;
    const points = frontier.strategies['module-checkpoint'];
    const lookupStart = performance.now();
    for (let i = 0; i < lookups; i++) pointAtBudget(points, (keepAllPeakBytes * i) / lookups);
    const lookupMs = (performance.now() - lookupStart) / lookups;
    rows.push([
      path.basename(file),
      ms(frontierMs),
      ...strategies.map((strategy) => String(frontier.strategies[strategy].length)),
      ...strategies.map((strategy) => {
        const least = frontier.strategies[strategy][0];
        return least ? `${((100 * least.peakBytes) / keepAllPeakBytes).toFixed(0)} %` : '–';
      }),
      `${(lookupMs * 1000).toFixed(2)} µs`,
    ]);
  }
  printTable(
    'Frontier of all budgets; "least" is the smallest peak as a share of keeping everything',
    [
      'model',
      'ms',
      ...strategies.map((strategy) => `points ${strategy}`),
      ...strategies.map((strategy) => `least ${strategy}`),
      'lookup',
    ],
    rows,
  );
}
