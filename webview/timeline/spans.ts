import type { Timeline } from '../../planner-core/simulator/timeline';
import { Phase, type StepGraph } from '../../planner-core/step/stepGraph';
import type { TimeAxis } from './timeAxis';

/** A stretch of the x axis. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A span that is still being collected. */
interface Grown {
  readonly from: number;
  to: number;
}

export type LaneKind = 'forward' | 'loss' | 'backward' | 'optimizer' | 'recompute';

const kindOfPhase: Readonly<Record<Phase, LaneKind>> = {
  [Phase.forward]: 'forward',
  [Phase.loss]: 'loss',
  [Phase.backward]: 'backward',
  [Phase.optimizer]: 'optimizer',
};

/** What a sample does: its phase, or computing something again. */
export function kindOfSample(step: StepGraph, timeline: Timeline, sample: number): LaneKind {
  if (timeline.again[sample]) return 'recompute';
  return kindOfPhase[step.nodePhase[timeline.node[sample]] as Phase];
}

/** Where each phase begins, in order; recomputations belong to the phase they happen in. */
export function phaseSpans(step: StepGraph, timeline: Timeline, axis: TimeAxis): (Span & { phase: Phase })[] {
  const spans: (Grown & { phase: Phase })[] = [];
  for (let sample = 0; sample < timeline.length; sample++) {
    const phase = step.nodePhase[timeline.node[sample]] as Phase;
    const last = spans.at(-1);
    if (timeline.again[sample] || last?.phase === phase) {
      if (last) last.to = axis.end[sample];
    } else {
      spans.push({ phase, from: axis.start[sample], to: axis.end[sample] });
    }
  }
  return spans;
}

/** Runs of equal kind on one device: what a lane draws. */
export function laneSpans(
  step: StepGraph,
  timeline: Timeline,
  axis: TimeAxis,
  deviceOfNode: Uint8Array,
  device: number,
): (Span & { kind: LaneKind })[] {
  const spans: (Grown & { kind: LaneKind })[] = [];
  for (let sample = 0; sample < timeline.length; sample++) {
    if (deviceOfNode[timeline.node[sample]] !== device) continue;
    const kind = kindOfSample(step, timeline, sample);
    const last = spans.at(-1);
    if (last && last.kind === kind && last.to === axis.start[sample]) {
      last.to = axis.end[sample];
    } else {
      spans.push({ kind, from: axis.start[sample], to: axis.end[sample] });
    }
  }
  return spans;
}

/** Where the nodes of a set run, neighbours merged: samples closer than `gap` count as one stretch. */
export function spansOfNodes(
  timeline: Timeline,
  axis: TimeAxis,
  includes: (node: number) => boolean,
  gap: number,
): Span[] {
  const spans: Grown[] = [];
  for (let sample = 0; sample < timeline.length; sample++) {
    if (!includes(timeline.node[sample])) continue;
    const last = spans.at(-1);
    if (last && axis.start[sample] - last.to <= gap) {
      last.to = axis.end[sample];
    } else {
      spans.push({ from: axis.start[sample], to: axis.end[sample] });
    }
  }
  return spans;
}
