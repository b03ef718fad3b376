import type { Diagnostic } from '../base/diagnostic';
import { HeadroomError } from '../base/errors';
import type { DeviceSpec } from '../devices/catalogue';
import { linkTable } from '../devices/links';
import type { NamedLink } from '../devices/machine';
import { uncalibrated, type DeviceTiming, type Work } from '../devices/roofline';
import type { ModelGraph, TensorRole } from '../graph/modelGraph';
import { inferTensors } from '../operators/inferTensors';
import { repeatPasses } from './accumulation';
import { addBackward } from './backward';
import { unknownSizes } from './dataDimensions';
import { boundDimensions, outsideRange, type FreeDimension } from './dimensions';
import type { ForwardRecord, StepDraft } from './draft';
import { addForward } from './forward';
import { frozenParameters } from './frozen';
import { asInferenceRuns } from './inference';
import { CacheGrowth } from './kvCache/cacheGrowth';
import { kvCacheOf, type KvCache } from './kvCache/kvCache';
import { markGradients } from './gradientNeeded';
import { addLoss } from './loss';
import { addOptimizer } from './optimizer';
import { ownPrecision, ownPrecisionNotes } from './ownPrecision';
import { batchCounters, tensorRoles } from './roles';
import { StepBuilder } from './stepBuilder';
import { ValueKind, type StepGraph, type ValueKind as Kind } from './stepGraph';
import { concreteTensors } from './tensors';
import type { Workload } from './workload';

/** A device of a step: its id in the plan and what it can do. */
export interface StepDevice {
  readonly id: string;
  readonly spec: DeviceSpec;
  /** What kernels reach on it, where that was measured. */
  readonly timing?: DeviceTiming;
}

/** A step with what is needed to attribute its costs to layers. */
export interface BuiltStep {
  readonly step: StepGraph;
  /** In execution order; `saved` are the storages each operator keeps for backward. */
  readonly records: readonly ForwardRecord[];
  /** By TensorId: storage, -1 for shape arithmetic. */
  readonly storage: Int32Array;
  readonly roles: readonly TensorRole[];
  /** Dimensions the workload left open, with the size taken. */
  readonly assumed: readonly FreeDimension[];
  /** Inference of a decoder: its key-value cache. */
  readonly kvCache?: KvCache;
  /** By node of one pass: what its time is made of; there when asked for. */
  readonly work?: readonly (readonly Work[])[];
}

/**
 * Builds the step that a workload runs on a model: forward, loss, backward, optimizer. Throws 'bad-workload' for a
 * dimension that is not a positive whole number, 'unknown-module' for a frozen name the model does not have,
 * 'bad-machine' for links that do not join the devices; without `links` the device catalogue says what joins them.
 */
export function buildStep(
  graph: ModelGraph,
  workload: Workload,
  devices: readonly StepDevice[],
  links?: readonly NamedLink[],
  { keepsWork = false } = {},
): BuiltStep {
  for (const [name, size] of Object.entries(workload.dims)) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new HeadroomError(
        'bad-workload',
        `Dimension ${name} is ${size}.`,
        'Give a positive whole number.',
      );
    }
  }
  const { bindings, assumed, diagnostics } = boundDimensions(graph, workload);
  const table = inferTensors(graph, bindings);
  const roles = tensorRoles(graph, table.facts);
  const { tensors, halfType } = concreteTensors(
    graph,
    table.facts,
    roles,
    ownPrecision(graph, workload.precision),
    workload.semantics,
  );
  const training = workload.mode === 'training';
  const draft: StepDraft = {
    graph,
    workload,
    devices: devices.map((device) => device.spec),
    timings: devices.map(({ spec, timing }) => timing ?? uncalibrated(spec)),
    builder: new StepBuilder(keepsWork),
    tensors: [...tensors],
    halfType,
    gradientNeeded: training
      ? markGradients(graph, tensors, roles, frozenParameters(graph, roles, workload.frozen))
      : new Uint8Array(graph.tensors.length),
    storage: new Int32Array(graph.tensors.length).fill(-1),
    records: [],
    diagnostics: [
      ...table.diagnostics,
      ...assumptionNotes(assumed),
      ...diagnostics,
      ...outsideRange(graph, bindings),
      ...unknownSizes(graph, table.facts),
      ...ownPrecisionNotes(graph, workload),
    ],
  };
  addResidentValues(draft, roles);
  const kvCache = training ? undefined : kvCacheOf(graph, tensors, workload.kvCacheTokens);
  const cacheGrowth = kvCache && new CacheGrowth(draft, kvCache);
  if (!training && !kvCache && workload.kvCacheTokens > 0) draft.diagnostics.push(noCache);
  addForward(draft, table.isHost, cacheGrowth);
  const isHeld = !training || workload.modelOutput === 'held';
  for (const output of isHeld ? graph.outputs : [])
    if (draft.storage[output] >= 0) draft.builder.keepToEnd(draft.storage[output]);
  if (training) addOptimizer(draft, addBackward(draft, addLoss(draft)));
  const { bytesPerMs, latencyMs, channel, channels } = linkTable(devices, links);
  const parts = draft.builder.build(
    devices.map((device) => device.id),
    bytesPerMs,
    draft.diagnostics,
  );
  const wired = { ...parts, linkLatencyMs: latencyMs, linkChannel: channel, channels };
  const step = { ...wired, reentrant: workload.checkpointing === 'reentrant' };
  cacheGrowth?.finish(step);
  const { records, storage, builder } = draft;
  const built = { step, records, storage, roles, assumed, kvCache, work: builder.work };
  if (!training) return asInferenceRuns(graph, workload, built);
  return { ...built, step: repeatPasses(step, workload.microBatches) };
}

const residentKinds: Partial<Record<TensorRole, Kind>> = {
  parameter: ValueKind.parameter,
  buffer: ValueKind.buffer,
  input: ValueKind.input,
};

/** Parameters, buffers and inputs are there before the step begins. */
function addResidentValues(draft: StepDraft, roles: readonly TensorRole[]): void {
  for (const { id, name } of draft.graph.tensors) {
    const kind = residentKinds[roles[id]];
    const tensor = draft.tensors[id];
    if (kind === undefined || !tensor) continue;
    draft.storage[id] = draft.builder.value({ name, bytes: tensor.bytes, kind, residentAtStart: true });
  }
  for (const name of batchCounters(draft.graph, roles))
    draft.builder.value({ name, bytes: 8, kind: ValueKind.buffer, residentAtStart: true });
}

const noCache: Diagnostic = {
  severity: 'warning',
  code: 'no-kv-cache',
  message:
    'Tokens in the key-value cache are given, but the model has no causal self-attention that has one.',
};

function assumptionNotes(assumed: readonly FreeDimension[]): Diagnostic[] {
  return assumed.map(({ name, assumed: size }) => ({
    severity: 'info',
    code: 'assumed-dimension',
    message: `Dimension ${name} is not given: taken as ${size}.`,
  }));
}
