import { orderedCalibration } from '../devices/calibration';
import type { Decision, Plan } from './plan';

/**
 * A plan as the text of its file: keys in the order of the schema, free keys sorted, two spaces, a newline at the end.
 * The same plan always gives the same bytes, so that plans can be compared and reviewed.
 */
export function planText(plan: Plan): string {
  const { workload, prediction } = plan;
  const ordered: Plan = {
    format: plan.format,
    model: { file: plan.model.file, fingerprint: plan.model.fingerprint },
    workload: {
      mode: workload.mode,
      dims: sorted(workload.dims),
      precision: workload.precision,
      optimizer: workload.optimizer,
      loss: workload.loss,
      semantics: workload.semantics,
      attention: workload.attention,
      dropout: workload.dropout,
      optimizerUpdate: workload.optimizerUpdate,
      microBatches: workload.microBatches,
      zeroGrad: workload.zeroGrad,
      stepKind: workload.stepKind,
      checkpointing: workload.checkpointing,
      modelOutput: workload.modelOutput,
      frozen: [...workload.frozen].sort(compare),
      asExported: [...workload.asExported].sort(compare),
      kvCacheTokens: workload.kvCacheTokens,
      liveness: workload.liveness,
      inPlace: workload.inPlace,
    },
    devices: plan.devices.map(({ id, name, memoryBytes, count }) => ({ id, name, memoryBytes, count })),
    links: plan.links?.map(({ between, name, gbPerS, latencyMs, shared }) => ({
      between,
      name,
      gbPerS,
      latencyMs,
      shared,
    })),
    objective: plan.objective,
    calibration: plan.calibration && {
      file: plan.calibration.file,
      calibration: orderedCalibration(plan.calibration.calibration),
    },
    budgetBytes: plan.budgetBytes,
    strategy: plan.strategy,
    planner: plan.planner,
    decisions: [...plan.decisions].sort(byKindAndTarget).map(({ target, kind, choice, device, pinned }) => ({
      target,
      kind,
      choice,
      device,
      pinned,
    })),
    recomputations: plan.recomputations?.map(({ before, operator, device }) => ({
      before,
      operator,
      device,
    })),
    lateTransfers: plan.lateTransfers,
    prediction: {
      peakBytes: prediction.peakBytes,
      peakPhase: prediction.peakPhase,
      peakNode: prediction.peakNode,
      peakModule: prediction.peakModule,
      stepTimeMs: prediction.stepTimeMs,
      keepAllPeakBytes: prediction.keepAllPeakBytes,
      keepAllStepTimeMs: prediction.keepAllStepTimeMs,
      overheadPercent: prediction.overheadPercent,
      lowerBoundPercent: prediction.lowerBoundPercent,
      savedBytes: prediction.savedBytes,
      perDevicePeakBytes: sorted(prediction.perDevicePeakBytes),
    },
    assumptions: [...plan.assumptions],
  };
  // Undefined properties are left out by JSON itself.
  return `${JSON.stringify(ordered, undefined, 2)}\n`;
}

const sorted = (entries: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(entries).sort(([a], [b]) => compare(a, b)));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byKindAndTarget = (a: Decision, b: Decision): number =>
  compare(a.kind, b.kind) || compare(a.target, b.target);
