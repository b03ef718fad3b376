import { HeadroomError } from '../../base/errors';
import { formatBandwidth, formatDuration, formatMemory } from '../../base/format';
import { idsOf } from '../../devices/machine';
import { withCalibration } from '../../plan/withCalibration';
import type { SplitAnswer, SplitSegment, SplitView } from '../../session/machines/splitModel';
import { aboutText } from '../assumedText';
import { calibrationOf } from '../calibrationOption';
import { machineOf } from '../machineOptions';
import { requireKnownDims } from '../knownDims';
import { openModelFile } from '../models';
import { badUsage, pinsOf, workloadOf, type Options } from '../options';
import { message, result, table } from '../output';
import { readingNotes } from '../readingNotes';

/** Tensors named in a row: the largest. */
const namedTensors = 1;

/** `headroom split`: where to cut a model between two devices, and every bandwidth at which that changes. */
export async function split(file: string, options: Options): Promise<number> {
  const session = openModelFile(file);
  requireKnownDims(session, options);
  const machine = machineOf(options);
  const inputs = {
    ...withCalibration(
      { ...session.defaultInputs(machine.devices), ...machine },
      calibrationOf(options, machine.devices),
    ),
    workload: workloadOf(options),
    pins: pinsOf(options, machine.devices),
  };
  for (const note of readingNotes(session, inputs)) message(note);
  const between = (options.between ?? '').split(',').map((id) => id.trim());
  const ids = machine.devices.flatMap(idsOf);
  if (between.length !== 2 || between.includes(''))
    throw badUsage('split needs --between A,B: the device that asks and the one that helps.', idsHint(ids));
  const unknown = between.find((id) => !ids.includes(id));
  if (unknown !== undefined)
    throw new HeadroomError('unknown-device', `There is no device "${unknown}".`, idsHint(ids));
  const answer = await session.split({
    inputs,
    between: [between[0], between[1]],
    direction: options['one-way'] ? 'one-way' : 'both',
    gbPerS: rangeOf(options.bandwidth),
  });
  if (options.json) result(JSON.stringify(answer, undefined, 2));
  else result(`${aboutText(session.summary, inputs, options)}\n\n${splitText(answer)}`);
  return 0;
}

/** What `--between` takes: ids, not names of the catalogue. */
const idsHint = (ids: readonly string[]): string =>
  ids.length > 1
    ? `The devices are ${ids.join(', ')}.`
    : `There is one device, ${ids.join()}: give --device twice (they are gpu0 and gpu1), or a --machine.`;

function splitText({ between, gbPerS, now, aloneMs, segments }: SplitAnswer): string {
  const [first, second] = between;
  const alone = between.map((id, i) => `${id} ${formatDuration(aloneMs[i])}`).join(', ');
  const bound =
    now.boundMs < now.totalMs ? `; none that fits takes less than ${formatDuration(now.boundMs)}` : '';
  const rows = segments.map((segment) => [
    `${formatBandwidth(segment.fromGbPerS)} – ${formatBandwidth(segment.toGbPerS)}`,
    `${formatDuration(segment.slowMs)} – ${formatDuration(segment.fastMs)}`,
    `${segment.split.operators[0]} / ${segment.split.operators[1]}`,
    formatMemory(segment.split.sentBytes),
    sentText(segment),
  ]);
  return [
    `At ${formatBandwidth(gbPerS)}: ${formatDuration(now.totalMs)} (${partsText(now, between)})${bound}.`,
    `All on one device, inputs and outputs there: ${alone}.`,
    `Splits by bandwidth, each the best there is from its slow end on:`,
    table([['bandwidth', 'time', `operators ${first} / ${second}`, 'sent', 'what'], ...rows]),
  ].join('\n');
}

const partsText = (view: SplitView, [first, second]: readonly [string, string]): string =>
  `${formatDuration(view.computeMs[0])} on ${first}, ${formatDuration(view.computeMs[1])} on ${second}, ` +
  `${formatDuration(view.transferMs)} for ${formatMemory(view.sentBytes)} over the link`;

function sentText({ split: { sent } }: SplitSegment): string {
  const largest = [...sent].sort((a, b) => b.bytes - a.bytes);
  const named = largest
    .slice(0, namedTensors)
    .map(({ name, shape, from }) => `${from} → ${name}${shape === '' ? '' : ` (${shape})`}`);
  const more = largest.length > namedTensors ? [`${largest.length - namedTensors} more`] : [];
  return [...named, ...more].join(', ');
}

/** `FROM,TO` in GB/s. */
function rangeOf(text: string | undefined): readonly [number, number] | undefined {
  if (text === undefined) return undefined;
  const [from, to, ...rest] = text.split(',').map(Number);
  if (rest.length > 0 || !(from > 0) || !(to > from) || !Number.isFinite(to))
    throw badUsage(`--bandwidth is "${text}": expected two bandwidths in GB/s such as 0.01,10.`);
  return [from, to];
}
