import loadHighs from 'highs';
import { HighsEngine } from '../../planner-core/solvers/highsEngine';
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

let wasmModule: WebAssembly.Module | undefined;
const engine = new HighsEngine(() => loadHighs({ wasmModule }));
const server = new SolverServer(engine, (reply) => self.postMessage(reply));
self.addEventListener('message', ({ data }) => {
  if (data instanceof WebAssembly.Module) wasmModule = data;
  else void server.receive(data);
});
