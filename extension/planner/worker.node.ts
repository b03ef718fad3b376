import { parentPort } from 'node:worker_threads';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { openFile } from '../../planner-core/node/fileByteSource';
import { PlannerServer } from '../../planner-core/protocol/plannerServer';
import { exposePlanner } from './exposePlanner';

// Bundled as dist/plannerWorker.js, which startWorker.node.ts runs.
if (!parentPort)
  throw new Error('This is the planner of the Headroom extension: it runs in a worker thread.');
exposePlanner(new PlannerServer(openFile), nodeEndpoint(parentPort));
