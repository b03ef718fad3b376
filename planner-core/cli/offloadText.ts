import { formatMemory } from '../base/format';
import type { PlanView } from '../session/types';

/** What leaves the device, and the energy of the step, as rows of a table. */
export function offloadRows({ offload, energy, plan }: PlanView): string[][] {
  const rows: string[][] = [];
  if (offload) {
    const { link, outBytes, inBytes, stallMs, peakBytes, target } = offload;
    const rates =
      link.outGBPerS === link.inGBPerS ? `${link.outGBPerS}` : `${link.outGBPerS} / ${link.inGBPerS}`;
    rows.push(
      ['offloaded over', `${link.name}, ${Number(link.outGBPerS) > 0 ? rates : '0'} GB/s`],
      ['moved', `${formatMemory(outBytes)} out, ${formatMemory(inBytes)} back`],
      ['waiting for transfers', `${stallMs.toFixed(3)} ms of ${plan.prediction.stepTimeMs.toFixed(3)} ms`],
      [target.to === 'host' ? 'host memory' : 'storage', formatMemory(peakBytes)],
    );
  }
  const isAsked =
    plan.minimise === 'energy' || plan.minimise === 'carbon' || plan.carbonGramsPerKWh !== undefined;
  if (energy && isAsked) {
    rows.push([
      'energy',
      `${energy.joules.toFixed(3)} J a step (${energy.keepAllJoules.toFixed(3)} J keeping everything)`,
    ]);
    if (energy.carbonGrams !== undefined)
      rows.push(['carbon dioxide', `${energy.carbonGrams.toPrecision(4)} g a step`]);
  }
  return rows;
}
