import { HeadroomError } from '../../base/errors';
import { hostLinkJoulesPerGB } from '../../devices/energy';
import { defaultStorage, findStorage } from '../../devices/storageCatalogue';
import type { OffloadLink, OffloadTarget } from '../../plan/offloadTarget';
import type { StepGraph } from '../../step/stepGraph';
import type { Workload } from '../../step/workload';

/** How often a step moves what one micro-batch moves: links of the step have the times of all of them. */
export const passesOf = ({ mode, microBatches }: Workload): number =>
  mode === 'training' ? microBatches : 1;

/**
 * The link between the first device and where values go, as it is: the target's, or what the step's links say of the host.
 * `passes`: those that the times of the step are of.
 */
export function offloadLinkOf(
  step: StepGraph,
  target: OffloadTarget | undefined,
  passes: number,
): OffloadLink {
  const given = target?.link ?? (target?.to === 'storage' ? findStorage(defaultStorage) : undefined);
  if (given) return given;
  const [out, back] = directions(step);
  return {
    name: 'custom',
    outGBPerS: (step.linkBytesPerMs[out] * passes) / 1e6,
    inGBPerS: (step.linkBytesPerMs[back] * passes) / 1e6,
    latencyMs: step.linkLatencyMs[out] / passes,
    shared: step.linkChannel[out] === step.linkChannel[back],
    joulesPerGB: hostLinkJoulesPerGB,
  };
}

/** The step with the target's link between its first device and host memory. Throws 'bad-machine' for what carries nothing. */
export function withOffloadLink(
  step: StepGraph,
  target: OffloadTarget | undefined,
  passes: number,
): StepGraph {
  if (!target) return step;
  const { outGBPerS, inGBPerS, latencyMs, shared, name } = offloadLinkOf(step, target, passes);
  for (const [rate, way] of [
    [outGBPerS, 'out'],
    [inGBPerS, 'back'],
  ] as const) {
    if (!(rate > 0 && Number.isFinite(rate)))
      throw bad(`The link "${name}" moves ${rate} GB/s ${way}: nothing can be offloaded over it.`);
  }
  if (!(latencyMs >= 0 && Number.isFinite(latencyMs)))
    throw bad(`The link "${name}" has a latency of ${latencyMs} ms.`);
  if (target.memoryBytes !== undefined && !(target.memoryBytes > 0))
    throw bad(`The memory that offloaded values go to is ${target.memoryBytes} bytes.`);
  const [out, back] = directions(step);
  const linkBytesPerMs = step.linkBytesPerMs.slice();
  const linkLatencyMs = step.linkLatencyMs.slice();
  const linkChannel = step.linkChannel.slice();
  linkBytesPerMs[out] = (outGBPerS * 1e6) / passes;
  linkBytesPerMs[back] = (inGBPerS * 1e6) / passes;
  linkLatencyMs[out] = latencyMs * passes;
  linkLatencyMs[back] = latencyMs * passes;
  if (shared) linkChannel[back] = linkChannel[out];
  return { ...step, linkBytesPerMs, linkLatencyMs, linkChannel };
}

/** Of the first device: to host memory, and back. */
function directions({ devices }: StepGraph): [out: number, back: number] {
  return [devices.length, devices.length * (devices.length + 1)];
}

const bad = (message: string): HeadroomError =>
  new HeadroomError('bad-machine', message, 'Correct what values are offloaded to.');
