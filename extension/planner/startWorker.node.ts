import { Worker } from 'node:worker_threads';
import { l10n } from 'vscode';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { remotePlanner, type PlannerWorker } from './plannerWorker';

/** Starts dist/plannerWorker.js in a thread of the extension host. */
export function startNodeWorker(scriptPath: string): PlannerWorker {
  const worker = new Worker(scriptPath, { name: 'headroom-planner' });
  return {
    service: remotePlanner(nodeEndpoint(worker)),
    onDeath(listener) {
      let reported = false;
      const report = (reason: string): void => {
        if (!reported) listener(reason);
        reported = true;
      };
      worker.on('error', (error) => report(error.message));
      worker.on('exit', (code) => report(l10n.t('exit code {0}', code)));
    },
    terminate: () => void worker.terminate(),
  };
}
