import type { Endpoint } from 'comlink';
import { PlannerServer } from '../../planner-core/protocol/plannerServer';
import { exposePlanner } from './exposePlanner';
import { receiveSolverFiles } from './solverFiles.web';
import { webEngines } from './webEngine';

// Bundled as dist/plannerWorker.web.js, which startWorker.web.ts runs. A Web Worker has no files: it gets bytes.
declare const self: Endpoint;
exposePlanner(new PlannerServer(undefined, webEngines(receiveSolverFiles(self))), self);
