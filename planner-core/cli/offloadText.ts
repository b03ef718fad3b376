import { formatCarbon, formatDuration, formatEnergy, formatMemory } from '../base/format';
import { shortLinkText } from '../plan/linkText';
import type { PlanView } from '../session/types';

/** What leaves the device, and the energy of the step, as rows of a table. */
export function offloadRows({ offload, energy, plan }: PlanView): string[][] {
  const rows: string[][] = [];
  if (offload) {
    const { link, outBytes, inBytes, stallMs, peakBytes, target } = offload;
    rows.push(['offloads over', shortLinkText(link)]);
    if (outBytes + inBytes === 0)
      rows.push([
        'moved',
        `nothing: ${recomputes(plan) ? 'recomputing was found to cost less' : 'everything fits'}`,
      ]);
    else
      rows.push(
        ['moved', `${formatMemory(outBytes)} out, ${formatMemory(inBytes)} back`],
        [
          'waiting for transfers',
          `${formatDuration(stallMs)} of ${formatDuration(plan.prediction.stepTimeMs)}`,
        ],
        [target.to === 'host' ? 'host memory' : 'storage', formatMemory(peakBytes)],
      );
  }
  const isAsked = plan.minimise === 'carbon' || plan.carbonGramsPerKWh !== undefined;
  if (energy)
    rows.push([
      'energy',
      `${formatEnergy(energy.joules)} a step; keeping everything ${formatEnergy(energy.keepAllJoules)}`,
    ]);
  if (isAsked && energy?.carbonGrams !== undefined)
    rows.push(['carbon dioxide', `${formatCarbon(energy.carbonGrams)} a step`]);
  return rows;
}

const recomputes = ({ decisions, recomputations = [] }: PlanView['plan']): boolean =>
  recomputations.length > 0 || decisions.some(({ choice }) => choice === 'recompute');
