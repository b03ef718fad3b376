import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { openFile } from '../../planner-core/node/fileByteSource';
import { nodeSolverThreads } from '../../planner-core/node/solverThread';
import { PlannerServer } from '../../planner-core/protocol/plannerServer';
import { WorkerEngine } from '../../planner-core/solvers/workerEngine';
import { exposePlanner } from './exposePlanner';

// Bundled as dist/plannerWorker.js, which startWorker.node.ts runs.
if (!parentPort)
  throw new Error('This is the planner of the Headroom extension: it runs in a worker thread.');
const beside = (name: string): string => path.join(__dirname, name);
const startSolver = nodeSolverThreads(beside('solverWorker.js'), beside('highs.wasm'));
exposePlanner(new PlannerServer(openFile, () => new WorkerEngine(startSolver)), nodeEndpoint(parentPort));
