import type { Rename } from './document/planFile';
import type { StartWorker } from './planner/plannerWorker';

/** What differs between an extension host on Node and one in a browser. */
export interface Platform {
  readonly startWorker: StartWorker;
  readonly rename: Rename;
}
