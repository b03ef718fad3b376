import { formatMemory, formatOverhead } from '../../base/format';
import type { Plan } from '../../plan/plan';
import type { Caption } from './svgPage';

/** What stands around a picture of a plan: the model and `what` is seen, the step and what it needs, the assumptions. */
export function planCaption(
  plan: Plan,
  what: string,
  peak = `peak ${formatMemory(plan.prediction.peakBytes)}`,
): Caption {
  const { prediction, workload, devices, assumptions } = plan;
  const dims = Object.entries(workload.dims).map(([name, size]) => `${name} ${size}`);
  const machine = devices.map((device) => device.name).join(' + ');
  const step = `step ${formatOverhead(prediction.overheadPercent)}`;
  return {
    title: `${plan.model.file}: ${what}`,
    subtitle: [...dims, workload.precision, machine, peak, step].join(' · '),
    assumptions,
  };
}
