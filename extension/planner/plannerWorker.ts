import * as Comlink from 'comlink';
import type { PlannerService } from '../../planner-core/protocol/plannerService';

/** A running worker with a planner in it. Its calls may never settle once it has died: PlannerHost sees to that. */
export interface PlannerWorker {
  readonly service: PlannerService;
  /** Calls the listener once when the worker crashes, runs out of memory or exits; `reason` is for people. */
  onDeath(listener: (reason: string) => void): void;
  /** Stops the worker in the middle of whatever it does. Its death is reported like any other. */
  terminate(): void;
}

/** Starts a worker of the platform: a thread on Node, a Web Worker in the browser. */
export type StartWorker = () => PlannerWorker;

/**
 * The planner at the other end of an endpoint. The object must be held as long as the worker is used: comlink closes
 * the connection when its proxy is collected.
 */
export function remotePlanner(endpoint: Comlink.Endpoint): PlannerService {
  const remote = Comlink.wrap<PlannerService>(endpoint);
  return {
    open: (source) => remote.open(source),
    configure: (inputs) => remote.configure(inputs),
    // Released at the worker's end (see exposePlanner), which is where the message port is held.
    frontier: (inputs, job, onProgress) => remote.frontier(inputs, job, Comlink.proxy(onProgress)),
    plan: (inputs, job, allocator) => remote.plan(inputs, job, allocator),
    refine: (inputs, job, settings, onProgress) =>
      remote.refine(inputs, job, settings, Comlink.proxy(onProgress)),
    pinPrices: (inputs, job) => remote.pinPrices(inputs, job),
    answer: (question, job, onProgress, allocator) =>
      remote.answer(question, job, Comlink.proxy(onProgress), allocator),
    scale: (question, job, onProgress) => remote.scale(question, job, Comlink.proxy(onProgress)),
    split: (question, job) => remote.split(question, job),
    sizes: (question, job, onProgress) => remote.sizes(question, job, Comlink.proxy(onProgress)),
    measure: (inputs, files, job) => remote.measure(inputs, files, job),
    sizeTable: (inputs, file, job) => remote.sizeTable(inputs, file, job),
    calibrate: (inputs, files, job) => remote.calibrate(inputs, files, job),
    readPlan: (text) => remote.readPlan(text),
    storedPlan: (text) => remote.storedPlan(text),
    export: (inputs, target, source, allocator) => remote.export(inputs, target, source, allocator),
    cancel: (job) => remote.cancel(job),
  };
}
