import path from 'node:path';
import { nodeSolverThreads } from '../node/solverThread';
import type { MilpEngine } from '../solvers/engine';
import { WorkerEngine } from '../solvers/workerEngine';

/** The solver that lies beside the bundled command line, in a thread of its own. Dispose of it after use. */
export function solverEngine(): MilpEngine {
  const beside = (name: string): string => path.join(__dirname, name);
  return new WorkerEngine(nodeSolverThreads(beside('solverWorker.js'), beside('highs.wasm')));
}
