import { parentPort } from 'node:worker_threads';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { openFile } from '../../planner-core/node/fileByteSource';
import { PlannerSession } from '../../planner-core/session/plannerSession';
import { exposePlanner } from './exposePlanner';

// Bundled as dist/plannerWorker.js.
if (!parentPort)
  throw new Error('This script is the planner of the Headroom extension; it runs in a worker thread.');
exposePlanner(new PlannerSession({ openSource: openFile }), nodeEndpoint(parentPort));
