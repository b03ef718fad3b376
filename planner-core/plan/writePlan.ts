import { naturalOrder } from '../base/naturalOrder';
import { orderedCalibration } from '../devices/calibration';
import type { OffloadTarget, PlannedOffload } from './offloadTarget';
import type { Decision, Plan, PlannedRecomputation } from './plan';
import type { SizePlan } from './sizePlan';

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
      frozen: [...workload.frozen].sort(naturalOrder),
      asExported: [...workload.asExported].sort(naturalOrder),
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
    offload: plan.offload && orderedOffload(plan.offload),
    minimise: plan.minimise,
    carbonGramsPerKWh: plan.carbonGramsPerKWh,
    calibration: plan.calibration && {
      file: plan.calibration.file,
      calibration: orderedCalibration(plan.calibration.calibration),
    },
    budgetBytes: plan.budgetBytes,
    strategy: plan.strategy,
    planner: plan.planner,
    decisions: orderedDecisions(plan.decisions),
    recomputations: orderedRecomputations(plan.recomputations),
    offloads: orderedOffloads(plan.offloads),
    lateTransfers: plan.lateTransfers,
    replicas: plan.replicas?.map(({ device, replicas }) => ({ device, replicas })),
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
      offloadPeakBytes: prediction.offloadPeakBytes,
      stallMs: prediction.stallMs,
      energyJoules: prediction.energyJoules,
      carbonGrams: prediction.carbonGrams,
      throughput: prediction.throughput && {
        timeMs: prediction.throughput.timeMs,
        perDevicePeakBytes: sorted(prediction.throughput.perDevicePeakBytes),
      },
    },
    assumptions: [...plan.assumptions],
    sizes: plan.sizes && orderedSizes(plan.sizes),
  };
  // Undefined properties are left out by JSON itself.
  return `${JSON.stringify(ordered, undefined, 2)}\n`;
}

const orderedDecisions = (decisions: readonly Decision[]): Decision[] =>
  [...decisions].sort(byKindAndTarget).map(({ target, kind, choice, device, pinned }) => ({
    target,
    kind,
    choice,
    device,
    pinned,
  }));

const orderedRecomputations = (
  recomputations: readonly PlannedRecomputation[] | undefined,
): PlannedRecomputation[] | undefined =>
  recomputations?.map(({ before, operator, device }) => ({ before, operator, device }));

const orderedOffloads = (offloads: readonly PlannedOffload[] | undefined): PlannedOffload[] | undefined =>
  offloads &&
  [...offloads]
    .sort((a, b) => naturalOrder(a.value, b.value))
    .map(({ value, goneBefore, fetchBefore }) => ({ value, goneBefore, fetchBefore }));

const orderedSizes = ({ dimensions, sizes, mergePercent, fitted, plans }: SizePlan): SizePlan => ({
  dimensions,
  sizes: sizes.map(({ size, weight }) => ({ size, weight })),
  mergePercent,
  fitted: fitted?.map(({ dimension, coefficients, sizes: count, errorPercent }) => ({
    dimension,
    coefficients,
    sizes: count,
    errorPercent,
  })),
  plans: plans?.map((plan) => ({
    upTo: plan.upTo,
    exactly: plan.exactly,
    planner: plan.planner,
    decisions: orderedDecisions(plan.decisions),
    recomputations: orderedRecomputations(plan.recomputations),
    offloads: orderedOffloads(plan.offloads),
    peakBytes: plan.peakBytes,
    overheadPercent: plan.overheadPercent,
    offloadPeakBytes: plan.offloadPeakBytes,
  })),
});

function orderedOffload({ to, link, memoryBytes }: OffloadTarget): OffloadTarget {
  if (!link) return { to, memoryBytes };
  const { name, outGBPerS, inGBPerS, latencyMs, shared, joulesPerGB } = link;
  return { to, link: { name, outGBPerS, inGBPerS, latencyMs, shared, joulesPerGB }, memoryBytes };
}

const sorted = (entries: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(entries).sort(([a], [b]) => naturalOrder(a, b)));

const byKindAndTarget = (a: Decision, b: Decision): number =>
  naturalOrder(a.kind, b.kind) || naturalOrder(a.target, b.target);
