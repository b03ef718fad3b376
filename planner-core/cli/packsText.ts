import { formatBandwidth, formatDuration, formatMemory, formatOverhead } from '../base/format';
import type { PackAnswer, PackWay } from '../session/packs/answerPacks';
import { table } from './output';

/** The answer of `plan --packs` in words: the best way, then the others. */
export function packsText({ best, ways, link, microBatches, budgetBytes, ...answer }: PackAnswer): string {
  const rate = formatBandwidth(Math.min(link.outGBPerS, link.inGBPerS));
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
    `What fits, over ${link.name} (${rate}):`,
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
    ['moved', formatMemory(best.movedBytes)],
    ['state on the host', formatMemory(best.stateBytes)],
    ['waiting', formatDuration(best.waitMs)],
    ['host memory', formatMemory(best.hostPeakBytes)],
  ];
}
