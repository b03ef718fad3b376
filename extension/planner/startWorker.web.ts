import { remotePlanner, type PlannerWorker } from './plannerWorker';
import { sendSolverFiles, type SolverFiles } from './solverFiles.web';

/** Starts dist/plannerWorker.web.js beside the web extension host; `solver` is what it starts a solver with. */
export function startWebWorker(scriptUrl: string, solver: Promise<SolverFiles>): PlannerWorker {
  const worker = new Worker(scriptUrl, { name: 'headroom-planner' });
  void sendSolverFiles(worker, solver);
  const listeners: ((reason: string) => void)[] = [];
  let dead = false;
  const die = (reason: string): void => {
    if (dead) return;
    dead = true;
    worker.terminate();
    for (const listener of listeners) listener(reason);
  };
  // An uncaught error does not end a Web Worker, but what it was doing is lost.
  worker.addEventListener('error', (event) => die(event.message));
  return {
    service: remotePlanner(worker),
    onDeath: (listener) => void listeners.push(listener),
    terminate: () => die('terminated'),
  };
}
