import { compare, type Comparison } from './comparison';
import { openSession, predict } from './predict';
import { errorPercent, median, worst } from './statistics';
import type { TruthModel } from './truth/point';

/** Peak of the step as PyTorch's MemTracker and Headroom say it, on the same points. */
export interface TrackerRow {
  readonly model: string;
  readonly points: number;
  readonly trackerErrors: readonly number[];
  readonly trackerMs: number;
  readonly ourErrors: readonly number[];
  readonly ourMs: number;
}

/**
 * MemTracker needs the Python program and runs it with fake tensors; Headroom reads the exported file. Points with
 * dropout that the export lost are left out.
 */
export function besideMemTracker(models: readonly TruthModel[]): TrackerRow[] {
  return models.flatMap((model) => {
    const ours = new Map(compare(model, model.trainFile).comparisons.map((one) => [one.point.label, one]));
    const pairs = model.memTracker.flatMap((tracked) => {
      const one = ours.get(tracked.label);
      return one && !one.point.hasDropout ? [{ tracked, one }] : [];
    });
    if (pairs.length === 0) return [];
    return [
      {
        model: model.model,
        points: pairs.length,
        trackerErrors: pairs.map(({ tracked, one }) => errorPercent(tracked.peakBytes, one.point.peakBytes)),
        trackerMs: median(pairs.map(({ tracked }) => tracked.timeMs)),
        ourErrors: pairs.map(({ one }) => errorPercent(one.predicted.peakBytes, one.point.peakBytes)),
        ourMs: median(pairs.map(({ one }) => fromFileMs(one))),
      },
    ];
  });
}

/** From opening the file to the step's numbers, nothing known beforehand. */
function fromFileMs({ file, point }: Comparison): number {
  const before = performance.now();
  predict(openSession(file), point);
  return performance.now() - before;
}

export const trackerHeader = [
  'model',
  'points',
  'MemTracker: error, median / worst',
  'ms',
  'Headroom: error, median / worst',
  'ms',
];

export function trackerCells(row: TrackerRow): string[] {
  const errors = (values: readonly number[]): string =>
    `${median(values).toFixed(2)} / ${worst(values).toFixed(2)} %`;
  return [
    row.model,
    String(row.points),
    errors(row.trackerErrors),
    row.trackerMs.toFixed(0),
    errors(row.ourErrors),
    row.ourMs.toFixed(0),
  ];
}
