import { parentPort, workerData } from 'node:worker_threads';
import { HighsEngine } from '../solvers/highsEngine';
import { loadCompiledHighs } from '../solvers/loadCompiledHighs';
import { SolverServer } from '../solvers/solverServer';
import type { SolverRequest } from '../solvers/solverThread';

// Bundled as dist/solverWorker.js, which node/solverThread.ts runs.
const port = parentPort;
if (!port) throw new Error('This is the solver of Headroom: it runs in a worker thread.');
const engine = new HighsEngine(() => loadCompiledHighs(workerData as WebAssembly.Module));
const server = new SolverServer(engine, (reply) => port.postMessage(reply));
port.on('message', (request: SolverRequest) => void server.receive(request));
