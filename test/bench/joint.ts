import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { MemoryByteSource } from '../../planner-core/bytes/byteSource';
import { uncontrolled } from '../../planner-core/base/job';
import { deviceNamed } from '../../planner-core/devices/catalogue';
import { nodeSolverThreads } from '../../planner-core/node/solverThread';
import { layerIndexOf } from '../../planner-core/plan/layerIndex';
import { jointPlan } from '../../planner-core/planners/placement/joint/jointPlan';
import { solveInstance } from '../../planner-core/planners/solveInstance';
import { PlannerSession } from '../../planner-core/session/plannerSession';
import { WorkerEngine } from '../../planner-core/solvers/workerEngine';
import { readGraphInstance } from '../../planner-core/step/graphInstance';
import { basicResnet, resnet18Blocks, resnet34Blocks } from '../fixtures/generatedModels/basicResnet';
import { onnxFile } from '../fixtures/onnx-builder/onnx';
import { printTable } from './lib/table';
import { ms } from './lib/timing';

/** A processor and a card about as quick, as in XEngine's platforms, and a card that is much quicker. */
const machines = [
  ['T4', 'EPYC 9654 (CPU)'],
  ['RTX 3060', 'Xeon 8480+ (CPU)'],
] as const;
/** The card's memory, as a share of what the step needs on it when everything is kept. */
const shares = [0.8, 0.6];
const batch = 32;

/** Placement and recomputation together: XEngine's unit tests, and training steps on a processor and a card that is too small. */
export async function benchJoint(repoRoot: string): Promise<void> {
  await benchInstances(path.resolve(repoRoot, '../shared/data/instances/remat'));
  const dist = (name: string): string => path.join(repoRoot, 'dist', name);
  const rows: string[][] = [];
  for (const { name, bytes, dims } of models(
    path.resolve(repoRoot, '../shared/data/truth/pytorch-1.13/onnx'),
  )) {
    for (const machine of machines) {
      for (const share of shares) {
        const engine = new WorkerEngine(nodeSolverThreads(dist('solverWorker.js'), dist('highs.wasm')));
        const row = await rowOf(bytes, dims, machine, share, engine).finally(() => engine.dispose());
        rows.push([name, machine.join(' + '), `${100 * share} %`, ...row]);
        console.log(rows[rows.length - 1].join('  '));
      }
    }
  }
  printTable(
    "Training, the card's memory as a share of its need; less time than the best single device (XEngine prints up to 22.5 %)",
    [
      'model',
      'machine',
      'memory',
      'card, recomputing ms',
      'processor ms',
      'together ms',
      'less',
      'bound ms',
      'fits',
      'cpu s',
    ],
    rows,
  );
}

interface Model {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly dims: Record<string, number>;
}

function models(truth: string): Model[] {
  const dims = { batch, height: 224, width: 224 };
  const found: Model[] = [
    { name: 'resnet18', bytes: onnxFile(basicResnet(resnet18Blocks)), dims },
    { name: 'resnet34', bytes: onnxFile(basicResnet(resnet34Blocks)), dims },
  ];
  for (const name of ['resnet50', 'vgg16']) {
    const file = path.join(truth, `${name}.train.onnx`);
    if (existsSync(file)) found.push({ name, bytes: readFileSync(file), dims: {} });
    else console.log(`joint: ${name} skipped, the measured models (../shared/data/truth) are not here`);
  }
  return found;
}

async function rowOf(
  bytes: Uint8Array,
  dims: Record<string, number>,
  machine: readonly [string, string],
  share: number,
  engine: WorkerEngine,
): Promise<string[]> {
  const session = PlannerSession.open(new MemoryByteSource(bytes), 'model.onnx');
  const devices = machine.map((name, i) => {
    const { memoryBytes } = deviceNamed(name);
    return { id: ['card', 'processor'][i], name, memoryBytes };
  });
  const inputs = session.defaultInputs(devices);
  const workload = {
    ...inputs.workload,
    mode: 'training' as const,
    dims: { ...inputs.workload.dims, ...dims },
  };
  const { step, modules, keepAllPeakBytes } = session.configure({ ...inputs, workload });
  const memoryBytes = Float64Array.of(Math.floor(share * keepAllPeakBytes), devices[1].memoryBytes);
  const started = process.cpuUsage();
  const plan = await jointPlan(
    step,
    layerIndexOf(modules ?? [], step),
    [],
    { memoryBytes },
    uncontrolled,
    engine,
  );
  const { user, system } = process.cpuUsage(started);
  const fitting = plan.baselines.filter((baseline) => baseline.isFitting);
  const best = (device: string): number =>
    Math.min(...fitting.filter(({ name }) => name.includes(device)).map(({ stepTimeMs }) => stepTimeMs));
  const single = Math.min(best('card'), best('processor'));
  return [
    ...[best('card'), best('processor'), plan.stepTimeMs].map((time) =>
      time < Infinity ? time.toFixed(1) : 'does not fit',
    ),
    `${(100 * (1 - plan.stepTimeMs / single)).toFixed(1)} %`,
    plan.leastMs.toFixed(1),
    plan.isFitting ? 'yes' : 'NO',
    ((user + system) / 1e6).toFixed(1),
  ];
}

async function benchInstances(folder: string): Promise<void> {
  if (!existsSync(folder)) {
    console.log('\njoint: instances skipped (../shared/data/instances is not here)');
    return;
  }
  const rows: string[][] = [];
  for (const name of readdirSync(folder).filter((file) => file.startsWith('xengine-'))) {
    const text = readFileSync(path.join(folder, name), 'utf8');
    const { reference } = JSON.parse(text) as { reference: { objective: number }[] };
    const solution = await solveInstance(readGraphInstance(text), {});
    const isMet = solution.timeTotal === reference[0].objective && solution.gapPercent === 0;
    const answer = [String(reference[0].objective), String(solution.timeTotal), solution.planner];
    rows.push([path.basename(name, '.json'), ...answer, ms(solution.solveMs), isMet ? 'met' : 'MISSED']);
  }
  printTable("XEngine's unit tests", ['instance', 'expected', 'found', 'planner', 'ms', 'bar'], rows);
}
