import * as Comlink from 'comlink';
import type { PlannerService } from '../../planner-core/protocol/plannerService';

/** Serves a planner to the extension host at the other end of the endpoint. */
export function exposePlanner(service: PlannerService, endpoint: Comlink.Endpoint): void {
  const served: PlannerService = {
    open: (source) => service.open(source),
    configure: (inputs) => service.configure(inputs),
    async frontier(inputs, job, onProgress) {
      try {
        return await service.frontier(inputs, job, onProgress);
      } finally {
        release(onProgress);
      }
    },
    plan: (inputs, job, allocator) => service.plan(inputs, job, allocator),
    async refine(inputs, job, settings, onProgress) {
      try {
        return await service.refine(inputs, job, settings, onProgress);
      } finally {
        release(onProgress);
      }
    },
    pinPrices: (inputs, job) => service.pinPrices(inputs, job),
    async answer(question, job, onProgress, allocator) {
      try {
        return await service.answer(question, job, onProgress, allocator);
      } finally {
        release(onProgress);
      }
    },
    async scale(question, job, onProgress) {
      try {
        return await service.scale(question, job, onProgress);
      } finally {
        release(onProgress);
      }
    },
    split: (question, job) => service.split(question, job),
    async sizes(question, job, onProgress) {
      try {
        return await service.sizes(question, job, onProgress);
      } finally {
        release(onProgress);
      }
    },
    measure: (inputs, files, job) => service.measure(inputs, files, job),
    sizeTable: (inputs, file, job) => service.sizeTable(inputs, file, job),
    calibrate: (inputs, files, job) => service.calibrate(inputs, files, job),
    readPlan: (text) => service.readPlan(text),
    storedPlan: (text) => service.storedPlan(text),
    export: (inputs, target, source, allocator) => service.export(inputs, target, source, allocator),
    cancel: (job) => service.cancel(job),
  };
  Comlink.expose(served, endpoint);
}

/** Closes the message port behind a callback of the other thread; comlink would leave it open until it is collected. */
function release(callback: object): void {
  const proxy: Partial<Comlink.ProxyMethods> = callback;
  proxy[Comlink.releaseProxy]?.();
}
