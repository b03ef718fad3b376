import { formatDuration, formatMemory } from '../../planner-core/base/format';
import { bands, bandNames, type Band } from '../../planner-core/simulator/timeline';
import { Phase, ValueKind, type StepGraph } from '../../planner-core/step/stepGraph';
import { shortName } from '../base/shortName';
import { momentTitle, shortTitle } from './moment';
import { kindOfSample } from './spans';
import type { TensorStack } from './tensorStack';

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
  parameters: 'a weight: it always stays',
  optimizerState: 'optimizer state: it stays from step to step',
  gradients: "a weight's gradient: the optimizer reads it",
  inputs: 'an input of the step',
};

const longestName = 40;

/** Who reads it after `sample` says why a tensor is kept. O(samples until it is dropped). */
export function tensorWords(step: StepGraph, stack: TensorStack, life: number, sample: number): TensorWords {
  const { lives, timeline, bytes } = stack;
  const value = lives.value[life];
  const title = (at: number): string =>
    shortTitle(momentTitle(kindOfSample(step, timeline, at), step.nodeName[timeline.node[at]]), longestName);
  const producer = step.producer[value];
  const last = lives.to[life];
  return {
    name: step.valueName[value],
    bytes: bytes[life],
    band: bands[lives.band[life]],
    madeBy: producer < 0 ? '' : shortName(step.nodeName[producer], longestName),
    why: why(step, stack, life, sample, title),
    until:
      last >= timeline.length - 1
        ? 'until the end of the step'
        : `until ${formatDuration(timeline.endMs[last])}, after ${title(last)}`,
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
    return step.valueKind[value] === ValueKind.buffer ? 'a buffer: it always stays' : whyOfBand[band];
  }
  const readers: number[] = [];
  for (let at = sample; at <= lives.to[life]; at++)
    if (reads(step, timeline.node[at], value)) readers.push(at);
  const isLater = (at: number): boolean =>
    timeline.again[at] === 1 || step.nodePhase[timeline.node[at]] >= Phase.backward;
  const reader = band === 'kept' ? (readers.find(isLater) ?? readers[0]) : readers[0];
  if (reader === undefined) {
    return step.residentAtEnd[value] ? 'a result of the step' : 'nothing reads it any more';
  }
  const others = readers.length > 1 ? ` and ${readers.length - 1} more` : '';
  if (band === 'temporary') return `passed on to ${title(reader)}${others}`;
  if (band === 'recomputed') return `computed again for ${title(reader)}${others}`;
  return `kept for ${title(reader)}${others}`;
}

function reads({ inputs }: StepGraph, node: number, value: number): boolean {
  for (let i = inputs.offsets[node]; i < inputs.offsets[node + 1]; i++) {
    if (inputs.items[i] === value) return true;
  }
  return false;
}

/** One line for assistive technology. */
export function tensorText({ name, bytes, band, why: reason, until }: TensorWords): string {
  return `${name}, ${formatMemory(bytes)}, ${bandNames[band]}: ${reason}, ${until}`;
}
