import type { SolverReply, SolverThread, StartSolverThread } from '../../planner-core/solvers/solverThread';
import type { SolverFiles } from './solverFiles.web';

/** Starts Web Workers with the engine of the files, which is compiled once, when the first one starts. */
export function webSolverThreads(files: Promise<SolverFiles>): StartSolverThread {
  let compiled: Promise<WebAssembly.Module> | undefined;
  return async () => {
    const { scriptUrl, wasm } = await files;
    compiled ??= wasm.arrayBuffer().then((bytes) => WebAssembly.compile(bytes));
    return startThread(scriptUrl, await compiled);
  };
}

function startThread(scriptUrl: string, wasmModule: WebAssembly.Module): SolverThread {
  const worker = new Worker(scriptUrl, { name: 'headroom-solver' });
  let onReply: (reply: SolverReply) => void = () => undefined;
  let onDeath: (reason: string) => void = () => undefined;
  worker.addEventListener('message', ({ data }: MessageEvent<SolverReply>) => onReply(data));
  worker.addEventListener('error', ({ message }) => onDeath(message || 'its script cannot be run'));
  worker.postMessage(wasmModule);
  return {
    post: (request) => worker.postMessage(request),
    onReply: (listener) => (onReply = listener),
    onDeath: (listener) => (onDeath = listener),
    terminate: () => worker.terminate(),
  };
}
