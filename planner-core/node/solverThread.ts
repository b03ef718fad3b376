import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { HeadroomError } from '../base/errors';
import type { SolverReply, SolverThread, StartSolverThread } from '../solvers/solverThread';

/** The thread's own heap holds programs and answers; the engine's memory is WebAssembly's, which ends at 2 GiB. */
const resourceLimits = { maxOldGenerationSizeMb: 1024 };

/**
 * Starts threads that run `scriptPath` (dist/solverWorker.js) with the engine of `wasmPath`, which is read and compiled
 * once, when the first thread starts. An idle thread does not keep the process alive.
 */
export function nodeSolverThreads(scriptPath: string, wasmPath: string): StartSolverThread {
  let compiled: Promise<WebAssembly.Module> | undefined;
  return async () => {
    compiled ??= compile(wasmPath);
    try {
      return startThread(scriptPath, await compiled);
    } catch (thrown) {
      compiled = undefined;
      throw thrown;
    }
  };
}

function startThread(scriptPath: string, wasmModule: WebAssembly.Module): SolverThread {
  const worker = new Worker(scriptPath, { name: 'headroom-solver', workerData: wasmModule, resourceLimits });
  worker.unref();
  let onReply: (reply: SolverReply) => void = () => undefined;
  let onDeath: (reason: string) => void = () => undefined;
  worker.on('message', (reply: SolverReply) => {
    if (reply.kind !== 'progress') worker.unref();
    onReply(reply);
  });
  worker.on('error', (error) => onDeath(error.message));
  worker.on('exit', (code) => onDeath(`exit code ${code}`));
  return {
    post(request) {
      worker.ref();
      worker.postMessage(request);
    },
    onReply: (listener) => (onReply = listener),
    onDeath: (listener) => (onDeath = listener),
    terminate: () => void worker.terminate(),
  };
}

async function compile(wasmPath: string): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(await readFile(wasmPath));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HeadroomError('solver-failed', `the engine cannot be loaded (${reason})`);
  }
}
