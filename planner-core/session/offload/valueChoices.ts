import { leaversOf } from '../../planners/offload/gaps';
import { keepEverything, type Directives } from '../../simulator/schedule';
import { sequenceOf } from '../../simulator/sequence';
import type { StepGraph, ValueId } from '../../step/stepGraph';
import type { ValueChoice } from './offloadView';

/** Every value that is worth a transfer, the largest first, with what each choice would cost it. */
export function valueChoices(step: StepGraph, directives: Directives): ValueChoice[] {
  const away = new Set(directives.offloads);
  const again = new Set(directives.recomputations.filter((_, i) => i % 2 === 1));
  const startMs = new Float64Array(step.nodeCount + 1);
  for (let node = 0; node < step.nodeCount; node++) startMs[node + 1] = startMs[node] + step.durationMs[node];
  const links = [step.devices.length, step.devices.length * (step.devices.length + 1)];
  const choiceOf = (value: ValueId, producer: number): ValueChoice['choice'] => {
    if (away.has(value)) return 'offload';
    return producer >= 0 && again.has(producer) ? 'recompute' : 'keep';
  };
  return leaversOf(step, sequenceOf(step, keepEverything))
    .map(({ value, bytes, isState, gaps }): ValueChoice => {
      const producer = step.producer[value];
      const windowMs = Math.min(...gaps.map(({ after, until }) => startMs[until] - startMs[after + 1]));
      const [outMs, backMs] = links.map(
        (link) => step.linkLatencyMs[link] + bytes / (step.linkBytesPerMs[link] || Infinity),
      );
      const transferMs = outMs + backMs;
      const canRepeat = producer >= 0 && step.recomputable[producer] === 1;
      return {
        ...{ value: step.valueName[value], target: targetOf(step, value), bytes, windowMs },
        ...{ transferMs, backMs },
        fromMs: Math.min(...gaps.map(({ after }) => startMs[after + 1])),
        untilMs: Math.max(...gaps.map(({ until }) => startMs[until])),
        kind: isState ? 'state' : 'activation',
        choice: choiceOf(value, producer),
        ...(canRepeat ? { recomputeMs: step.durationMs[producer] } : {}),
        exposedMs: Math.max(0, transferMs - windowMs),
      };
    })
    .sort((a, b) => b.bytes - a.bytes);
}

/** The operator that makes a value, or the value's own name where nothing in the step does. */
export const targetOf = (step: StepGraph, value: ValueId): string =>
  step.producer[value] >= 0 ? step.nodeName[step.producer[value]] : step.valueName[value];
