import { formatDuration, formatMemory, formatOverhead } from '../base/format';
import { shortLinkText } from '../plan/linkText';
import type { ChunkAnswer, ChunkWay } from '../session/chunks/chunkQuestion';
import { table } from './output';

/** The answer of `plan --chunks` in words: what it is about, the best way, the sizes tried, the least memory. */
export function chunksText(
  { best, least, sizes, link, hostDevice, ...answer }: ChunkAnswer,
  about: readonly string[][],
): string {
  const chosen = best && table([...about, ...rowsOf(best, answer.budgetBytes, hostDevice)]);
  const head = ['chunks', 'waste', 'on the device', 'step', 'moved', 'waiting', 'recomputed by'];
  const rows = sizes.map((way) => [
    `${way.chunkCount} of ${formatMemory(way.chunkBytes)}`,
    formatMemory(way.wasteBytes),
    `${way.updatedOnDevice} of ${way.chunkCount} updates`,
    formatOverhead(way.overheadPercent),
    formatMemory(way.outBytes + way.inBytes),
    formatDuration(way.waitMs),
    way.planner,
  ]);
  const smallest =
    least &&
    `Least memory: ${formatMemory(least.peakBytes)} with chunks of ${formatMemory(least.chunkBytes)} ` +
      `(${formatOverhead(least.overheadPercent)}, ${least.planner}).`;
  const kept = `Keeping everything, without chunks, takes ${formatMemory(answer.keepAllPeakBytes)}.`;
  return [
    chosen,
    '',
    `Sizes that fit, over ${shortLinkText(link)}:`,
    table([head, ...rows]),
    '',
    smallest,
    kept,
  ]
    .filter((text) => text !== undefined)
    .join('\n');
}

function rowsOf(best: ChunkWay, budgetBytes: number, hostDevice: string): string[][] {
  const { chunkCount, updatedOnDevice } = best;
  return [
    ['peak', `${formatMemory(best.peakBytes)} of ${formatMemory(budgetBytes)}`],
    [
      'beside chunks',
      `${formatMemory(best.otherPeakBytes)}, a margin of ${formatMemory(budgetBytes - best.otherPeakBytes)}`,
    ],
    ['step', `${formatDuration(best.stepTimeMs)}, ${formatOverhead(best.overheadPercent)}`],
    [
      'chunks',
      `${chunkCount} of ${formatMemory(best.chunkBytes)}, ${formatMemory(best.wasteBytes)} wasted of ${formatMemory(best.modelDataBytes)}`,
    ],
    ['updated on the device', `${updatedOnDevice} of ${chunkCount}`],
    [
      'updated on the host',
      `${chunkCount - updatedOnDevice}, ${formatDuration(best.hostMs)} on ${hostDevice}`,
    ],
    ['moved', `${formatMemory(best.outBytes)} out, ${formatMemory(best.inBytes)} back`],
    ['waiting', formatDuration(best.waitMs)],
    ['host memory', formatMemory(best.hostPeakBytes)],
    ['recomputed', `${best.recomputations} computations (${best.planner})`],
  ];
}
