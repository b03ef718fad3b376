import { formatDuration, formatMemory, formatOverhead } from '../base/format';
import { shortLinkText } from '../plan/linkText';
import type { PackAnswer, PackWay } from '../session/packs/answerPacks';
import { table } from './output';

/** The answer of `plan --packs` in words: what it is about, the best way beside the plan without packs, those that need less. */
export function packsText(answer: PackAnswer, about: readonly string[][]): string {
  const { best, ways, link, microBatches } = answer;
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
    ...(best ? [table([...about, ...rowsOf(best, answer), ...packRows(best)]), ''] : []),
    `The fastest over ${shortLinkText(link)}, and those that need less:`,
    table([head, ...rows]),
    '',
    `Keeping everything, one micro-batch after the other, takes ${formatMemory(answer.keepAllPeakBytes)}.`,
  ].join('\n');
}

function rowsOf(best: PackWay, { budgetBytes, microBatches, withoutPacks }: PackAnswer): string[][] {
  return [
    ['peak', `${formatMemory(best.peakBytes)} of ${formatMemory(budgetBytes)}`],
    ['step', stepText(best)],
    ['without packs', withoutText(best, withoutPacks)],
    ['micro-batches', `${microBatches} in groups of ${best.groupSize}`],
    ['planner', best.planner],
    ['moved', movedText(best)],
    ['waiting', formatDuration(best.waitMs)],
    ['host memory', formatMemory(best.hostPeakBytes)],
  ];
}

const packRows = ({ packs }: PackWay): string[][] =>
  packs.map(([first, last], i) => [`pack ${i + 1}`, first === last ? first : `${first} … ${last}`]);

type Timed = Pick<PackWay, 'overheadPercent' | 'stepTimeMs'>;

const stepText = ({ overheadPercent, stepTimeMs }: Timed): string =>
  `${formatDuration(stepTimeMs)}, ${formatOverhead(overheadPercent)}`;

/** The plan that packs are held against, and which of the two to take. */
function withoutText(best: Timed, without: Timed | undefined): string {
  if (!without) return 'no plan was found that fits: packs are what does';
  return best.stepTimeMs < without.stepTimeMs
    ? `${stepText(without)}: packs are faster`
    : `${stepText(without)}: ${best.stepTimeMs > without.stepTimeMs ? 'faster' : 'as fast'}, leave --packs out`;
}

/** What goes over the link and back, or why nothing does. */
function movedText({ movedBytes, stateBytes, recomputes }: PackWay): string {
  if (movedBytes === 0)
    return `nothing: ${recomputes ? 'recomputing is enough' : 'everything fits on the device'}`;
  const state = `${formatMemory(stateBytes)} of parameters and optimizer state`;
  return `${formatMemory(movedBytes)}: what layers keep for backward${stateBytes > 0 ? `, and ${state} that live on the host` : ''}`;
}
