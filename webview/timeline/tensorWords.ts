import { formatDuration, formatMemory } from '../../planner-core/base/format';
import { bands, type Band } from '../../planner-core/simulator/timeline';
import { Phase, ValueKind, type StepGraph } from '../../planner-core/step/stepGraph';
import { shortName } from '../base/shortName';
import { bandTitles } from '../ui/names';
import { momentTitle } from './moment';
import { kindOfSample } from './spans';
import type { TensorStack } from './tensorStack';
import { valueTitle } from './valueTitle';
import { t } from '../base/l10n';

/** A tensor in memory at a moment, for people. */
export interface TensorWords {
  readonly name: string;
  readonly bytes: number;
  readonly band: Band;
  /** What made it; '' for what was there before the step. */
  readonly madeBy: string;
  /** Why it is still there. */
  readonly why: string;
  /** e.g. "until 212 ms, after backward of /h.3/mlp/Gelu". */
  readonly until: string;
}

const whyOfBand: Readonly<Record<Exclude<Band, 'kept' | 'recomputed' | 'temporary'>, string>> = {
  parameters: t('a weight: it always stays'),
  optimizerState: t('optimizer state: it stays from step to step'),
  gradients: t("a weight's gradient: the optimizer reads it"),
  inputs: t('an input of the step'),
};

const longestName = 40;

/** Who reads it after `sample` says why a tensor is kept. O(samples until it is dropped). */
export function tensorWords(step: StepGraph, stack: TensorStack, life: number, sample: number): TensorWords {
  const { lives, timeline, bytes } = stack;
  const value = lives.value[life];
  const title = (at: number): string =>
    momentTitle(kindOfSample(step, timeline, at), step.nodeName[timeline.node[at]], longestName);
  const producer = step.producer[value];
  const last = lives.to[life];
  return {
    name: valueTitle(step, value),
    bytes: bytes[life],
    band: bands[lives.band[life]],
    madeBy: producer < 0 ? '' : shortName(step.nodeName[producer], longestName),
    why: why(step, stack, life, sample, title),
    until:
      last >= timeline.length - 1
        ? t('until the end of the step')
        : t('until {0}, after {1}', formatDuration(timeline.endMs[last]), title(last)),
  };
}

function why(
  step: StepGraph,
  { lives, timeline }: TensorStack,
  life: number,
  sample: number,
  title: (sample: number) => string,
): string {
  const band = bands[lives.band[life]];
  const value = lives.value[life];
  if (band !== 'kept' && band !== 'recomputed' && band !== 'temporary') {
    return step.valueKind[value] === ValueKind.buffer ? t('a buffer: it always stays') : whyOfBand[band];
  }
  const readers: number[] = [];
  for (let at = sample; at <= lives.to[life]; at++)
    if (reads(step, timeline.node[at], value)) readers.push(at);
  const isLater = (at: number): boolean =>
    timeline.again[at] === 1 || step.nodePhase[timeline.node[at]] >= Phase.backward;
  const reader = band === 'kept' ? (readers.find(isLater) ?? readers[0]) : readers[0];
  if (reader === undefined) {
    return step.residentAtEnd[value] ? t('a result of the step') : t('nothing reads it any more');
  }
  const others = readers.length - 1;
  const readBy = others > 0 ? t('{0} and {1} more', title(reader), others) : title(reader);
  if (band === 'temporary') return t('passed on to {0}', readBy);
  if (band === 'recomputed') return t('computed again for {0}', readBy);
  return t('kept for {0}', readBy);
}

function reads({ inputs }: StepGraph, node: number, value: number): boolean {
  for (let i = inputs.offsets[node]; i < inputs.offsets[node + 1]; i++) {
    if (inputs.items[i] === value) return true;
  }
  return false;
}

/** One line for assistive technology. */
export function tensorText({ name, bytes, band, why: reason, until }: TensorWords): string {
  return `${name}, ${formatMemory(bytes)}, ${bandTitles[band]}: ${reason}, ${until}`;
}
