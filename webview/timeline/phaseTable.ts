import { formatDuration, formatMemory } from '../../planner-core/base/format';
import { bands, type Timeline } from '../../planner-core/simulator/timeline';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import { bandNames } from '../../planner-core/simulator/timeline';
import { phaseTitles } from '../ui/names';
import { phaseSpans } from './spans';
import type { TimeAxis } from './timeAxis';

/** For each phase: how long, its own peak, at which node and what most of it is. */
export function phaseTableRows(step: StepGraph, timeline: Timeline, axis: TimeAxis): string[][] {
  return phaseSpans(step, timeline, axis).map(({ phase, from, to }) => {
    let peak = -1;
    for (let sample = 0; sample < timeline.length; sample++) {
      if (axis.start[sample] < from || axis.end[sample] > to) continue;
      if (peak < 0 || timeline.liveBytes[sample] > timeline.liveBytes[peak]) peak = sample;
    }
    const most = bands.reduce((a, b) => (timeline.bandBytes[b][peak] > timeline.bandBytes[a][peak] ? b : a));
    return [
      phaseTitles[phase],
      axis.unit === 'ms' ? formatDuration(to - from) : `${to - from} computations`,
      formatMemory(timeline.liveBytes[peak]),
      step.nodeName[timeline.node[peak]],
      `${bandNames[most]} ${formatMemory(timeline.bandBytes[most][peak])}`,
    ];
  });
}
