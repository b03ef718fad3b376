import { formatDuration, formatMemory, formatRate } from '../../base/format';
import { groupedBy } from '../../base/groups';
import type { ScaleAnswer } from '../../session/machines/scaleModel';
import { aboutText } from '../assumedText';
import { memoryOf } from '../memoryOption';
import { requireKnownDims } from '../knownDims';
import { openModelFile } from '../models';
import { badUsage, countOf, devicesOf, workloadOf, type Options } from '../options';
import { message, result, table } from '../output';
import { readingNotes } from '../readingNotes';

/** Ways, and reasons why others do not work, that are printed; --json has all. */
const shownOptions = 12;
const shownReasons = 8;

/** `headroom scale`: how to train on so many of a server, ranked, and why other ways do not fit. Exit code 1: none fits. */
export async function scale(file: string, options: Options): Promise<number> {
  const session = openModelFile(file);
  requireKnownDims(session, options);
  const devices = devicesOf(options);
  const inputs = { ...session.defaultInputs(devices), workload: workloadOf(options) };
  for (const note of readingNotes(session, inputs)) message(note);
  const answer = await session.scale({
    inputs,
    servers: countOf('servers', options.servers, 1, 1),
    devicesPerServer: countOf('devices-per-server', options['devices-per-server'], 1, 8),
    device: devices[0].name,
    memoryBytes: memoryOf(options.memory),
    deviceLink: options['device-link'],
    serverLink: options['server-link'],
    globalBatch: options['global-batch'] ? countOf('global-batch', options['global-batch'], 1, 1) : undefined,
    microBatches: sizesOf(options['micro-batch']),
    maxSharding: shardingOf(options.zero),
  });
  if (options.json) result(JSON.stringify(answer, undefined, 2));
  else result(`${aboutText(session.summary, inputs, options)}\n\n${scaleText(answer)}`);
  return answer.options.length > 0 ? 0 : 1;
}

function scaleText({ device, deviceCount, memoryBytes, globalBatch, ...answer }: ScaleAnswer): string {
  const { options, rejected, boundMs } = answer;
  const where = `${deviceCount} × ${device} with ${formatMemory(memoryBytes)} each, a batch of ${globalBatch}`;
  const others = rejected.length > 0 ? `\n\nDo not work:\n${rejectedText(rejected)}` : '';
  if (options.length === 0) return `Nothing fits ${where}.${others}`;
  const [best] = options;
  const rows = options
    .slice(0, shownOptions)
    .map((option) => [
      wayText(option),
      formatDuration(option.stepMs),
      formatRate(option.samplesPerSecond),
      `${(100 * option.utilisation).toFixed(1)} %`,
      `${(100 * option.bubbleShare).toFixed(1)} %`,
      formatMemory(option.peakBytes),
      [...new Set(option.stageList.map(({ recompute }) => recompute))].join('/'),
    ]);
  const stages = best.stageList.map(
    ({ from, to, recompute, loadMs, bytes }, i) =>
      `  stage ${i + 1}: ${answer.layers[from]} … ${answer.layers[to - 1]} (${to - from}), recompute ${recompute}, ` +
      `${loadMs.toFixed(1)} ms a micro-batch, ${formatMemory(bytes)}`,
  );
  return [
    `${options.length} ways fit ${where}; no way takes less than ${formatDuration(boundMs)} a step.`,
    table([['way', 'step', 'samples/s', 'MFU', 'idle', 'memory', 'recompute'], ...rows]),
    '',
    `Fastest: ${wayText(best)}, ${best.microBatches} of them an update`,
    ...stages,
  ]
    .join('\n')
    .concat(others);
}

/** What does not work, each reason once with the first way that it holds for. */
function rejectedText(rejected: ScaleAnswer['rejected']): string {
  const reasons = [...groupedBy(rejected, ({ reason }) => reason)];
  const lines = reasons.slice(0, shownReasons).flatMap(([reason, [first, ...alike]]) => {
    const more = alike.length > 0 ? `, and ${alike.length} more` : '';
    return [`  ${wayText(first)}${more}:`, `    ${reason}`];
  });
  const left = reasons.length - shownReasons;
  return [...lines, ...(left > 0 ? [`  … and ${left} more: --json has all`] : [])].join('\n');
}

/** E.g. "tensor 8 × pipeline 4 × data 2, ZeRO 1". */
function wayText(way: ScaleAnswer['options'][number] | ScaleAnswer['rejected'][number]): string {
  const { tensor, stages, replicas, sharding, innermost, microBatch } = way;
  const order = stages > 1 && replicas > 1 && innermost === 'stages' ? ', stages together' : '';
  const zero = sharding > 0 ? `, ZeRO ${sharding}` : '';
  return `tensor ${tensor} × pipeline ${stages} × data ${replicas}${zero}${order}, micro-batch ${microBatch}`;
}

function sizesOf(text: string | undefined): number[] | undefined {
  return text?.split(',').map((size) => countOf('micro-batch', size.trim(), 1, 1));
}

function shardingOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-3]$/.test(text)) throw badUsage(`--zero is "${text}": expected 0, 1, 2 or 3.`);
  return Number(text);
}
