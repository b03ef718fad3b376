import { BriefEngine } from '../../planner-core/solvers/briefEngine';
import type { MilpEngine } from '../../planner-core/solvers/engine';
import { HighsEngine } from '../../planner-core/solvers/highsEngine';
import { loadCompiledHighs } from '../../planner-core/solvers/loadCompiledHighs';
import { WorkerEngine } from '../../planner-core/solvers/workerEngine';
import type { SolverFiles } from './solverFiles.web';
import { webSolverThreads } from './solverThread.web';

/** Solvers in workers of their own; where a worker cannot start another one, in this worker, a little at a time. */
export function webEngines(files: Promise<SolverFiles>): () => MilpEngine {
  if (typeof Worker === 'function') {
    const start = webSolverThreads(files);
    return () => new WorkerEngine(start);
  }
  const load = async () =>
    loadCompiledHighs(await WebAssembly.compile(await (await files).wasm.arrayBuffer()));
  return () => new BriefEngine(new HighsEngine(load));
}
