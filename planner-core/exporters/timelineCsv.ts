import type { ModelGraph } from '../graph/modelGraph';
import { bands, type Timeline } from '../simulator/timeline';
import { phaseNames, type StepGraph } from '../step/stepGraph';
import { csvText } from './csv';

/** The timeline as CSV: one row a computation, bytes and milliseconds as plain numbers. */
export function timelineCsv(graph: ModelGraph, step: StepGraph, timeline: Timeline): string {
  const header = ['index', 'node', 'module', 'phase', 'recomputed', 'start_ms', 'end_ms', 'live_bytes'];
  const rows = Array.from({ length: timeline.length }, (_, i) => {
    const node = timeline.node[i];
    return [
      i,
      step.nodeName[node],
      graph.modules[step.nodeModule[node]]?.name ?? '',
      phaseNames[step.nodePhase[node]],
      timeline.again[i],
      timeline.startMs[i],
      timeline.endMs[i],
      timeline.liveBytes[i],
      ...bands.map((band) => timeline.bandBytes[band][i]),
    ];
  });
  return csvText([...header, ...bands.map((band) => `${snakeCase(band)}_bytes`)], rows);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
