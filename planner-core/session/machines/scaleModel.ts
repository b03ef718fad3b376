import { HeadroomError } from '../../base/errors';
import type { Job } from '../../base/job';
import { architectureOf, cudaContext } from '../../devices/architecture';
import { deviceNamed, type DeviceSpec } from '../../devices/catalogue';
import { defaultServerLink, findLink, linkCatalogue } from '../../devices/linkCatalogue';
import { peakTflops, type Rate } from '../../devices/roofline';
import type { PlanInputs } from '../../plan/planInputs';
import type { ClusterLink } from '../../planners/cluster/collectives';
import type { LayerStack } from '../../planners/cluster/layerStack';
import { scale, type RejectedOption, type ScaleOption } from '../../planners/cluster/scale';
import { stackOf } from '../../planners/cluster/stackOf';
import { isBatchDimension, type FreeDimension } from '../../step/dimensions';
import type { Precision } from '../../step/workload';
import type { StepState } from '../stepState';

/** How to train a model on so many of a server. */
export interface ScaleQuestion {
  readonly inputs: PlanInputs;
  readonly servers: number;
  readonly devicesPerServer: number;
  /** Name in the device catalogue; absent: the first device of the inputs. */
  readonly device?: string;
  /** Absent: the device's memory less a CUDA context. */
  readonly memoryBytes?: number;
  /** Of the link catalogue; absent: the device's own peer link. */
  readonly deviceLink?: string;
  /** A way out of the server for every device, of the link catalogue; absent: `defaultServerLink`. */
  readonly serverLink?: string;
  /** Samples of one update; absent: 4 micro-batches of the inputs' batch for each device. */
  readonly globalBatch?: number;
  /** Samples of a micro-batch that may be taken; absent: the inputs' batch. */
  readonly microBatches?: readonly number[];
  /** Largest ZeRO stage that may be taken, 0..3; absent: 3. */
  readonly maxSharding?: number;
}

export interface ScaleAnswer {
  readonly device: string;
  readonly memoryBytes: number;
  readonly globalBatch: number;
  readonly deviceCount: number;
  /** Names of the layers that stages count. */
  readonly layers: readonly string[];
  /** Fastest first. */
  readonly options: readonly (ScaleOption & {
    /** Share of the devices' arithmetic peak that the model's own arithmetic takes (MFU; Chowdhery et al., "PaLM"). */
    readonly utilisation: number;
  })[];
  readonly rejected: readonly RejectedOption[];
  readonly boundMs: number;
}

/**
 * Ranks the ways to train a model on like servers. Throws 'bad-usage' for counts and links that are none, for inference
 * and for a model without a chain of layers, 'unknown-device', and 'cancelled' when the job is.
 */
export async function scaleModel(
  question: ScaleQuestion,
  dims: readonly FreeDimension[],
  build: (inputs: PlanInputs) => StepState,
  job: Job,
): Promise<ScaleAnswer> {
  const { inputs, servers, devicesPerServer, maxSharding = 3 } = question;
  if (inputs.workload.mode !== 'training')
    throw new HeadroomError('bad-usage', 'Only training is scaled.', 'Choose the mode training.');
  const spec = deviceNamed(question.device ?? inputs.devices[0].name);
  const own = batchOf(dims, inputs);
  const sizes = question.microBatches ?? [own.size];
  for (const size of sizes)
    if (!Number.isInteger(size) || size < 1 || (size !== own.size && own.name === undefined))
      throw new HeadroomError(
        'bad-usage',
        `${size} is no size that a micro-batch of this model can have.`,
        own.name === undefined ? 'The model has no batch dimension.' : 'Give whole numbers of at least 1.',
      );
  const deviceCount = servers * devicesPerServer;
  const globalBatch = question.globalBatch ?? 4 * deviceCount * sizes[0];
  const memoryBytes = question.memoryBytes ?? spec.memoryBytes - contextBytes(spec);
  const stacks: LayerStack[] = [];
  for (const size of sizes) {
    await job.checkpoint();
    const { built, layers } = build(stepInputs(inputs, spec, own.name, size));
    stacks.push(stackOf(built.step, layers, size));
  }
  const cluster = {
    servers,
    devicesPerServer,
    memoryBytes,
    withinServer: linkOf(question.deviceLink, spec.peerLinkGBPerS),
    betweenServers: linkOf(question.serverLink ?? defaultServerLink, 0),
  };
  const { options, rejected, boundMs } = await scale({ cluster, stacks, globalBatch, maxSharding }, job);
  // Forward, and twice as much backward; a multiply-accumulate is two operations.
  const [{ macs, samples }] = stacks;
  const idealMs =
    (6 * macs * (globalBatch / samples)) / (peakTflops(spec, rateOf(inputs.workload.precision)) * 1e9);
  return {
    device: spec.name,
    memoryBytes,
    globalBatch,
    deviceCount,
    layers: stacks[0].layers.map(({ name }) => name),
    options: options.map((option) => ({ ...option, utilisation: idealMs / deviceCount / option.stepMs })),
    rejected,
    boundMs,
  };
}

/** The dimension that counts samples and its size; no name where the file fixes it. */
function batchOf(dims: readonly FreeDimension[], { workload }: PlanInputs): { name?: string; size: number } {
  const dim = dims.find(({ name }) => isBatchDimension(name));
  return dim ? { name: dim.name, size: workload.dims[dim.name] ?? dim.assumed } : { size: 1 };
}

function stepInputs(
  inputs: PlanInputs,
  spec: DeviceSpec,
  batch: string | undefined,
  size: number,
): PlanInputs {
  const dims = batch === undefined ? inputs.workload.dims : { ...inputs.workload.dims, [batch]: size };
  return {
    ...inputs,
    workload: { ...inputs.workload, dims, microBatches: 1 },
    devices: [{ id: 'device', name: spec.name, memoryBytes: spec.memoryBytes }],
    links: undefined,
    objective: undefined,
    pins: [],
  };
}

function linkOf(name: string | undefined, gbPerS: number): ClusterLink {
  if (name === undefined) {
    const like = linkCatalogue.find((link) => link.gbPerS === gbPerS);
    return { bytesPerMs: gbPerS * 1e6, latencyMs: like?.latencyMs ?? 0.005 };
  }
  const link = findLink(name);
  if (!link) {
    const known = linkCatalogue.map((spec) => spec.name).join(', ');
    throw new HeadroomError('bad-usage', `There is no link "${name}".`, `Known links: ${known}.`);
  }
  return { bytesPerMs: link.gbPerS * 1e6, latencyMs: link.latencyMs };
}

const contextBytes = ({ name }: DeviceSpec): number => (architectureOf(name) ? cudaContext.bytes : 0);

const rateOf = (precision: Precision): Rate =>
  precision === 'fp32' ? 'fp32' : precision === 'fp16-autocast' ? 'fp16' : 'bf16';
