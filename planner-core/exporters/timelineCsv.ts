import type { ModelGraph } from '../graph/modelGraph';
import { bands, type Timeline } from '../simulator/timeline';
import { phaseNames, type StepGraph } from '../step/stepGraph';

/** The timeline as CSV (RFC 4180): one row a computation, bytes and milliseconds as plain numbers. */
export function timelineCsv(graph: ModelGraph, step: StepGraph, timeline: Timeline): string {
  const header = ['index', 'node', 'module', 'phase', 'recomputed', 'start_ms', 'end_ms', 'live_bytes'];
  const lines = [[...header, ...bands.map((band) => `${snakeCase(band)}_bytes`)].join(',')];
  for (let i = 0; i < timeline.length; i++) {
    const node = timeline.node[i];
    const cells = [
      i,
      quoted(step.nodeName[node]),
      quoted(graph.modules[step.nodeModule[node]]?.name ?? ''),
      phaseNames[step.nodePhase[node]],
      timeline.again[i],
      timeline.startMs[i],
      timeline.endMs[i],
      timeline.liveBytes[i],
      ...bands.map((band) => timeline.bandBytes[band][i]),
    ];
    lines.push(cells.join(','));
  }
  return lines.join('\r\n') + '\r\n';
}

function quoted(text: string): string {
  // A leading = + - @ would be run as a formula by spreadsheets: model files are not trusted.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
