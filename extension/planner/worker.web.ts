import type { Endpoint } from 'comlink';
import { PlannerServer } from '../../planner-core/protocol/plannerServer';
import { exposePlanner } from './exposePlanner';

// Bundled as dist/plannerWorker.web.js, which startWorker.web.ts runs. A Web Worker has no files: it gets bytes.
declare const self: Endpoint;
exposePlanner(new PlannerServer(), self);
