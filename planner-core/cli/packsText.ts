import { formatDuration, formatMemory, formatOverhead } from '../base/format';
import { shortLinkText } from '../plan/linkText';
import type { PackAnswer, PackWay } from '../session/packs/answerPacks';
import { table } from './output';

/** The answer of `plan --packs` in words: the best way, then the others. */
export function packsText({ best, ways, link, microBatches, budgetBytes, ...answer }: PackAnswer): string {
  const head = ['packs', 'group', 'recompute', 'step', 'peak', 'moved', 'waiting'];
  const rows = ways.map((way) => [
    String(way.packs.length),
    `${way.groupSize} of ${microBatches}`,
    way.recomputes ? 'packs' : 'nothing',
    formatOverhead(way.overheadPercent),
    formatMemory(way.peakBytes),
    formatMemory(way.movedBytes),
    formatDuration(way.waitMs),
  ]);
  return [
    ...(best ? [table(rowsOf(best, budgetBytes, microBatches))] : []),
    ...(best?.packs.map(
      ([first, last], i) => `pack ${i + 1}: ${first === last ? first : `${first} … ${last}`}`,
    ) ?? []),
    `What fits, over ${shortLinkText(link)}:`,
    table([head, ...rows]),
    `Keeping everything, one micro-batch after the other, takes ${formatMemory(answer.keepAllPeakBytes)}.`,
  ].join('\n');
}

function rowsOf(best: PackWay, budgetBytes: number, microBatches: number): string[][] {
  return [
    ['peak', `${formatMemory(best.peakBytes)} of ${formatMemory(budgetBytes)}`],
    ['step', `${formatOverhead(best.overheadPercent)} (${formatDuration(best.stepTimeMs)})`],
    ['micro-batches', `${microBatches} in groups of ${best.groupSize}`],
    ['planner', best.planner],
    ['moved', movedText(best)],
    ['waiting', formatDuration(best.waitMs)],
    ['host memory', formatMemory(best.hostPeakBytes)],
  ];
}

/** What goes over the link and back, or why nothing does. */
function movedText({ movedBytes, stateBytes, recomputes }: PackWay): string {
  if (movedBytes === 0)
    return `nothing: ${recomputes ? 'recomputing is enough' : 'everything fits on the device'}`;
  const state = `${formatMemory(stateBytes)} of parameters and optimizer state`;
  return `${formatMemory(movedBytes)}: what layers keep for backward${stateBytes > 0 ? `, and ${state} that live on the host` : ''}`;
}
