import { keepEverything } from '../../simulator/schedule';
import { sequenceOf } from '../../simulator/sequence';
import { Phase, type StepGraph, type ValueId } from '../../step/stepGraph';
import type { PlanningContext } from '../context';
import { leaversOf, type Gap } from '../offload/gaps';
import type { Baseline } from './baseline';
import { mayPage, pagedPlan } from './pagedPlan';

/**
 * Offloading by layers, without computing anything again (Rhu et al., "vDNN: Virtualized Deep Neural Networks for
 * Scalable, Memory-Efficient Neural Network Design", 2016): the inputs of some layers leave after their last use in
 * forward, where the device waits until they have left, and come back while backward of the layer that leaves next runs.
 */
export const layerOffload: readonly Baseline[] = [
  {
    name: 'vDNN conv',
    family: 'offload',
    strategies: [],
    isDear: true,
    description:
      'Rhu et al. 2016: inputs of convolutions and matrix products are sent to host memory; each layer ends once its input has left, and prefetches the one before it.',
    plan: (context) => offloadInputs(context, ({ macs }, node) => macs[node] > 0),
  },
  {
    name: 'vDNN all',
    family: 'offload',
    strategies: [],
    isDear: true,
    description:
      'Rhu et al. 2016: all that layers read and backward reads again is sent to host memory; each layer ends once its input has left, and prefetches the one before it.',
    plan: (context) => offloadInputs(context, () => true),
  },
];

function offloadInputs(
  context: PlanningContext,
  isOf: (step: StepGraph, node: number) => boolean,
): ReturnType<Baseline['plan']> {
  if (!mayPage(context)) return undefined;
  const { step } = context;
  const inputs = new Set<ValueId>();
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.forward || !isOf(step, node)) continue;
    for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++)
      inputs.add(step.inputs.items[i]);
  }
  // Nothing runs again: positions are nodes.
  const away = leaversOf(step, sequenceOf(step, keepEverything))
    .filter(({ value, isState }) => !isState && inputs.has(value))
    .map(({ value, gaps: [gap] }) => ({ value, ...gap }));
  const waits = [...away].sort(byLeaving).flatMap(({ value, after }) => [after + 1, value]);
  const returning = [...away].sort((a, b) => a.until - b.until || a.value - b.value);
  const fetches = returning.flatMap(({ value, after, until }, i) => {
    const earlier = returning.findLast((other, at) => at < i && other.until < until);
    return earlier && earlier.until > after + 1 ? [[earlier.until, value]] : [];
  });
  return pagedPlan(context, 'vDNN', new Int32Array(0), {
    offloads: Int32Array.from(away, ({ value }) => value).sort(),
    waits: Int32Array.from(waits),
    fetches: Int32Array.from(fetches.sort((a, b) => a[0] - b[0]).flat()),
  });
}

const byLeaving = (a: Gap, b: Gap): number => a.after - b.after;
