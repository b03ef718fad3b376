import { HighsEngine } from '../../planner-core/solvers/highsEngine';
import { loadCompiledHighs } from '../../planner-core/solvers/loadCompiledHighs';
import { SolverServer } from '../../planner-core/solvers/solverServer';
import type { SolverReply, SolverRequest } from '../../planner-core/solvers/solverThread';

// Bundled as dist/solverWorker.web.js, which solverThread.web.ts runs. The first message is the engine's module.
declare const self: {
  postMessage(reply: SolverReply): void;
  addEventListener(
    type: 'message',
    listener: (event: { readonly data: WebAssembly.Module | SolverRequest }) => void,
  ): void;
};

let receiveModule: (module: WebAssembly.Module) => void = () => undefined;
const module = new Promise<WebAssembly.Module>((resolve) => (receiveModule = resolve));
const engine = new HighsEngine(async () => loadCompiledHighs(await module));
const server = new SolverServer(engine, (reply) => self.postMessage(reply));
self.addEventListener('message', ({ data }) => {
  if (data instanceof WebAssembly.Module) receiveModule(data);
  else void server.receive(data);
});
