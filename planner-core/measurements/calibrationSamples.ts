import type { Sample } from '../devices/measurements';
import { productOf, rateOf, workClassOf } from '../step/operatorWork';
import type { ModelGraph } from '../graph/modelGraph';
import type { BuiltStep } from '../step/buildStep';
import type { MeasuredStep } from './measuredStep';
import { stepCalls } from './stepCalls';

/**
 * What a calibration is fitted to: the measured forward computations, each kind of them (type, shapes, attributes) once, with the mean of
 * its times. Backward functions run several kernels each; they are left out.
 */
export function calibrationSamples(graph: ModelGraph, built: BuiltStep, measured: MeasuredStep): Sample[] {
  const { step } = built;
  const kinds = new Map<string, { sample: Omit<Sample, 'ms'>; times: number[] }>();
  for (const { node, record, classKey } of stepCalls(graph, built)) {
    const ms = measured.nodeMs[node];
    const [macs, trafficBytes] = [step.macs[node], step.trafficBytes[node]];
    if (!(ms > 0) || measured.isReused[node] || (macs === 0 && trafficBytes === 0)) continue;
    const known = kinds.get(classKey);
    if (known) {
      known.times.push(ms);
      continue;
    }
    const workClass = workClassOf(record.context, macs);
    const product = productOf(record.context, workClass, macs);
    const rate = rateOf(record.context, workClass);
    const sample = { workClass, macs, trafficBytes, rate, products: product && [product], launches: 1 };
    kinds.set(classKey, { sample, times: [ms] });
  }
  return [...kinds.values()].map(({ sample, times }) => ({
    ...sample,
    ms: times.reduce((sum, ms) => sum + ms, 0) / times.length,
  }));
}
