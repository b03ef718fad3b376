import { HeadroomError } from '../../planner-core/base/errors';
import { PlannerSession } from '../../planner-core/session/plannerSession';
import { exposePlanner } from './exposePlanner';

// Bundled as dist/plannerWorker.web.js. A Web Worker has no files: the extension host sends the bytes.
const openSource = (path: string): never => {
  throw new HeadroomError('file-access', `"${path}" cannot be opened in the browser.`);
};
exposePlanner(new PlannerSession({ openSource }), self);
