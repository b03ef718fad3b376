import type { PlanInputs } from '../../plan/planInputs';
import { compileSchedule } from '../../simulator/compileSchedule';
import { hostMemoryOverTime } from '../../simulator/hostMemory';
import { keepEverything, Op, type Directives, type Schedule } from '../../simulator/schedule';
import { simulate } from '../../simulator/simulate';
import type { Timing } from '../../simulator/timing';
import type { StepGraph } from '../../step/stepGraph';
import type { StepState } from '../stepState';
import { offloadLinkOf, passesOf } from './offloadLinkOf';
import type { EnergyView, OffloadView, StallView, TransferView } from './offloadView';
import { carbonGrams, stepEnergy, type StepEnergy } from './stepEnergy';
import { targetOf, valueChoices } from './valueChoices';

/** What leaves the device under a plan; undefined where nothing may, and on several devices. */
export function offloadViewOf(
  { built: { step } }: StepState,
  inputs: PlanInputs,
  directives: Directives,
): OffloadView | undefined {
  if (step.devices.length > 1 || (!inputs.offload && directives.offloads.length === 0)) return undefined;
  const schedule = compileSchedule(step, directives);
  const { timing } = simulate(step, schedule);
  const transfers = timing ? transfersOf(step, schedule, timing) : [];
  const stalls = timing ? stallsOf(step, schedule, timing) : [];
  const memory = timing && hostMemoryOverTime(step, schedule, timing);
  const passes = passesOf(inputs.workload);
  const sum = (direction: TransferView['direction']): number =>
    passes *
    transfers.reduce((total, transfer) => total + (transfer.direction === direction ? transfer.bytes : 0), 0);
  return {
    target: inputs.offload ?? { to: 'host' },
    link: offloadLinkOf(step, inputs.offload, passes),
    ...{ transfers, stalls, outBytes: sum('out'), inBytes: sum('in') },
    stallMs: stalls.reduce((total, { startMs, endMs }) => total + endMs - startMs, 0),
    peakBytes: memory?.peakBytes ?? 0,
    memory: { ms: memory?.ms ?? new Float64Array(0), bytes: memory?.bytes ?? new Float64Array(0) },
    values: valueChoices(step, directives),
  };
}

/** Energy of a plan's step; undefined where the power of a device is not known. */
export function energyViewOf(
  { built: { step } }: StepState,
  inputs: PlanInputs,
  directives: Directives,
): EnergyView | undefined {
  const energyOf = (of: Directives): StepEnergy | undefined =>
    stepEnergy(step, inputs, simulate(step, compileSchedule(step, of)));
  const energy = energyOf(directives);
  const keepAll = energyOf(keepEverything);
  if (!energy || !keepAll) return undefined;
  const { carbonGramsPerKWh: intensity } = inputs;
  return {
    ...energy,
    keepAllJoules: keepAll.joules,
    ...(intensity === undefined ? {} : { carbonGrams: carbonGrams(energy.joules, intensity) }),
  };
}

function transfersOf(step: StepGraph, schedule: Schedule, timing: Timing): TransferView[] {
  const transfers: TransferView[] = [];
  for (let entry = 0; entry < schedule.length; entry++) {
    if (schedule.op[entry] !== Op.copy) continue;
    const value = schedule.subject[entry];
    transfers.push({
      value: step.valueName[value],
      target: targetOf(step, value),
      bytes: step.valueBytes[value],
      direction: schedule.to[entry] === 0 ? 'in' : 'out',
      startMs: timing.startMs[entry],
      endMs: timing.endMs[entry],
    });
  }
  return transfers.sort((a, b) => a.startMs - b.startMs);
}

/** Times between computations of the device. What is waited for: memory where a free is, else a transfer back. */
function stallsOf(step: StepGraph, schedule: Schedule, timing: Timing): StallView[] {
  const stalls: StallView[] = [];
  let freeMs = 0;
  let memoryMs = 0;
  for (let entry = 0; entry < schedule.length; entry++) {
    if (schedule.op[entry] === Op.free && schedule.to[entry] !== schedule.from[entry])
      memoryMs = Math.max(memoryMs, timing.endMs[entry]);
    if (schedule.op[entry] !== Op.compute) continue;
    const startMs = timing.startMs[entry];
    if (startMs > freeMs) {
      const node = step.nodeName[schedule.subject[entry]];
      stalls.push({
        ...{ startMs: freeMs, endMs: startMs, node },
        reason: memoryMs >= startMs ? 'leave' : 'fetch',
      });
    }
    freeMs = timing.endMs[entry];
  }
  return stalls;
}
