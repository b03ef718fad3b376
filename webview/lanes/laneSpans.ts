import { Phase, type StepGraph } from '../../planner-core/step/stepGraph';
import type { LaneKind, Span } from '../timeline/spans';
import type { DeviceLane, LanesModel } from './lanesModel';

/** A stretch in which a lane shows one thing. */
export interface LabelledSpan<T> extends Span {
  readonly label: T;
}

/**
 * Computations of a lane with the same label as one stretch, as long as nothing else runs in between and the lane does
 * not rest for longer than `gap`.
 */
export function labelledSpans<T>(
  { runs }: DeviceLane,
  { computations: { node, again, start, end } }: LanesModel,
  gap: number,
  labelOf: (node: number, again: boolean) => T,
): LabelledSpan<T>[] {
  const spans: LabelledSpan<T>[] = [];
  for (const run of runs) {
    const label = labelOf(node[run], again[run] === 1);
    const last = spans.at(-1);
    if (last && last.label === label && start[run] - last.to <= gap) {
      spans[spans.length - 1] = { ...last, to: Math.max(last.to, end[run]) };
    } else {
      spans.push({ label, from: start[run], to: end[run] });
    }
  }
  return spans;
}

const kinds: Readonly<Record<Phase, LaneKind>> = {
  [Phase.forward]: 'forward',
  [Phase.loss]: 'loss',
  [Phase.backward]: 'backward',
  [Phase.optimizer]: 'optimizer',
};

/** What a computation is coloured as. */
export const kindOf =
  (step: StepGraph) =>
  (node: number, again: boolean): LaneKind =>
    again ? 'recompute' : kinds[step.nodePhase[node] as Phase];
