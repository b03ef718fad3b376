import type { SizePoint, SizesAnswer } from '../../../../planner-core/session/sizes/sizesModel';
import { gib } from '../support/sample';

/** Bytes that a made-up model keeps at a length: a line and a parabola, as attention has it. */
const bytesAt = (length: number): number => gib + 6e6 * length + 9e3 * length * length;

/** Three plans for lengths up to 512 under 4 GiB, and nothing for longer ones. */
export function someSizes(): SizesAnswer {
  const points = Array.from({ length: 40 }, (_, i): SizePoint => {
    const length = 16 * (i + 1);
    const row = length <= 320 ? 0 : length <= 416 ? 1 : 2;
    const keepAllMs = length / 4;
    const stepMs = keepAllMs * (1 + 0.06 * row);
    const peakBytes = bytesAt(length) * [1, 0.77, 0.6][row];
    return {
      size: [length],
      share: i < 36 ? Math.exp(-(((length - 170) / 90) ** 2)) / 10 : 0,
      keepAllPeakBytes: bytesAt(length),
      keepAllMs,
      ...(length > 512 ? {} : { planned: { row, peakBytes, stepMs, bestMs: keepAllMs * (1 + 0.055 * row) } }),
    };
  });
  const row = (from: number, to: number, recomputed: readonly string[], most: number) => ({
    range: [from, to] as const,
    upTo: [[to]],
    planner: recomputed.length > 0 ? 'equivalence classes' : 'keep all',
    recomputed,
    peakBytes: 3.9 * gib,
    overheadPercent: [0.8 * most, most] as const,
    regretPercent: 0.08 * most,
    share: from === 1 ? 0.9 : 0.05,
    proof: 'monotone' as const,
    edit: { kind: 'workload', changes: { dims: { batch: 8, seq: to } } } as const,
  });
  const method = (id: 'table' | 'static' | 'mimose', name: string, overheadPercent: number) => ({
    ...{ id, name, description: `${name}, described.`, overheadPercent, planCount: 3 },
    ...{ expectedMs: 40 + overheadPercent, overBudgetShare: id === 'mimose' ? 0.02 : 0 },
    ...{ highestPeakBytes: 3.9 * gib, hitRate: 0.97, planningMs: 0.4 },
  });
  return {
    dimensions: ['seq'],
    budgetBytes: 4 * gib,
    batches: 12_000,
    points,
    percentiles: [
      { percent: 50, size: [176] },
      { percent: 99, size: [384] },
    ],
    pieces: [{ from: 16, to: 640, coefficients: [gib, 6e6, 9e3], node: 'backward of attention' }],
    rows: [
      row(1, 320, [], 0),
      row(321, 416, ['encoder.layer.0', 'encoder.layer.1', 'encoder.layer.2'], 6),
      row(417, 512, ['encoder.layer.0', 'encoder.layer.1', 'encoder.layer.2', 'encoder.layer.3'], 12),
    ],
    summary: [
      'Up to seq 320 nothing needs recomputing.',
      'From 321 on: 3 layers recomputed, up to +2.1 %.',
      'From 417 on: 4 layers recomputed, up to +4.0 %.',
    ],
    unplanned: [{ size: [528], share: 0.001, leastBytes: 4.2 * gib }],
    comparison: [
      method('table', 'This table', 0.4),
      method('static', 'One plan for the largest', 12),
      method('mimose', 'Mimose', 1.1),
    ],
    exactness: { kind: 'polynomial', checkedSizes: [[37], [411]] },
    notes: ['Times are of a roofline.'],
    edit: {
      kind: 'sizes',
      sizes: { dimensions: ['seq'], sizes: [{ size: [176], weight: 1 }], mergePercent: 1, plans: [] },
    },
  };
}

/** The same model on images: two dimensions. */
export function someImageSizes(): SizesAnswer {
  const answer = someSizes();
  const sides = [320, 480, 512, 640, 800];
  const points = sides.flatMap((height) =>
    sides.map((width): SizePoint => {
      const row = height * width < 3e5 ? 0 : 1;
      const planned = { row, peakBytes: 3e9, stepMs: 21, bestMs: 20.8 };
      const share = (height === 480 ? 3 : 1) / 40;
      return {
        ...{ size: [height, width], share, keepAllPeakBytes: height * width * 1e4, keepAllMs: 20 },
        ...(height * width > 6e5 ? {} : { planned }),
      };
    }),
  );
  const rows = answer.rows.slice(0, 2).map((row, i) => ({
    ...row,
    range: undefined,
    upTo:
      i === 0
        ? [[480, 512]]
        : [
            [640, 800],
            [800, 640],
          ],
  }));
  return { ...answer, dimensions: ['height', 'width'], points, rows, pieces: [], percentiles: [] };
}
