import { describe, expect, it } from 'vitest';
import type { PlacementView } from '../../../../planner-core/session/types';
import { placementSentence } from '../../../../webview/placement/placementSentence';
import { compared } from '../../../../webview/placement/placementsPane';
import {
  advantageText,
  bottleneckText,
  boundText,
  flooredDuration,
  gapText,
  overText,
  timeText,
} from '../../../../webview/placement/placementWords';
import { streamPipeline, updatePipeline } from '../pipeline/sample';
import { gib } from '../support/sample';

const devices = [
  { id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * gib },
  { id: 'gpu1', name: 'T4', memoryBytes: 16 * gib },
];
const placement: PlacementView = {
  objective: 'latency',
  measure: 'step',
  timeMs: 12.34,
  boundMs: 11.06,
  baselines: [
    { name: 'everything on gpu0', timeMs: 18, peakBytes: [20 * gib, 0], fits: true },
    { name: 'everything on gpu1', timeMs: 9, peakBytes: [0, 20 * gib], fits: false },
  ],
  perDevice: [
    { device: 'gpu0', busyMs: 11, idleMs: 1.34, peakBytes: 12 * gib },
    { device: 'gpu1', busyMs: 4, idleMs: 8.34, peakBytes: 3 * gib },
  ],
  channels: [
    { name: 'gpu0–gpu1', busyMs: 2, bytes: 100 },
    { name: 'gpu1–gpu0', busyMs: 0, bytes: 0 },
  ],
};
const optimal = { ...placement, boundMs: placement.timeMs };
const stream = { ...placement, objective: 'throughput', measure: 'period' } as const;
const update = { ...placement, objective: 'throughput', measure: 'update' } as const;
const unproven = { ...placement, boundMs: 0 };

describe('a placement in words', () => {
  it('tells the makespan of a step, the period of a stream, or the time of an update', () => {
    expect(timeText(placement)).toBe('12.3 ms a step on 2 devices');
    expect(timeText(stream)).toBe('One step every 12.3 ms on 2 devices');
    expect(timeText(update)).toBe('12.3 ms an update on 2 devices');
    expect(timeText({ ...update, pipeline: updatePipeline })).toBe(
      '12.3 ms an update of 4 micro-batches on 2 devices',
    );
    expect(bottleneckText(stream)).toBe('gpu0 is busy 89 % of the period, gpu0–gpu1 16 %.');
    expect(bottleneckText(update)).toBe('gpu0 is busy 89 % of the update, gpu0–gpu1 16 %.');
  });

  it('rounds what is proven down, and what may be left to gain up', () => {
    expect(boundText(placement)).toBe('no placement can be below 11.0 ms in this order');
    expect(gapText(placement)).toBe(
      'At most 11.6 % slower than the best placement that computes in this order: proven.',
    );
    expect(gapText({ ...placement, objective: 'throughput' })).toMatch(/than the best placement: proven/);
    expect(flooredDuration(11.06)).toBe('11.0 ms');
    expect(flooredDuration(1239.9)).toBe('1.23 s');
    expect(flooredDuration(0.0119)).toBe('0.01 ms');
    expect(flooredDuration(0.3)).toBe('0.30 ms');
  });

  it('claims nothing where nothing is proven, and the optimum only at its bound', () => {
    expect(boundText(unproven)).toBeUndefined();
    expect(gapText(unproven)).toMatch(/^Nothing is proven/);
    expect(boundText(optimal)).toBe('no placement is faster in this order: proven');
    expect(gapText(optimal)).toMatch(/^Proven optimal/);
  });

  it('names the busiest device and link, and a link only if it is used', () => {
    expect(bottleneckText(placement)).toBe('gpu0 is busy 89 % of the step, gpu0–gpu1 16 %.');
    expect(bottleneckText({ ...placement, channels: [] })).toBe('gpu0 is busy 89 % of the step.');
  });

  it('compares with the fastest simple rule that fits', () => {
    expect(advantageText(placement)).toBe('31.4 % less than everything on gpu0.');
    expect(advantageText({ ...placement, timeMs: 18 })).toBeUndefined();
  });

  it('tells whether every device can hold its part', () => {
    const text = (view: PlacementView): string =>
      placementSentence(view, devices, undefined)
        .map((phrase) => phrase.text)
        .join(' ');
    expect(text(placement)).toMatch(
      /^12\.3 ms a step on 2 devices; no placement can be below 11\.0 ms in this order\. Fits: gpu0 12\.0 GiB, gpu1 3\.00 GiB\./,
    );
    // A stream has more in flight than the one step that the plan is made for.
    const small = devices.map((device) => ({ ...device, memoryBytes: 16 * gib }));
    small[0] = { ...small[0], memoryBytes: 0.75 * gib };
    const alone = placement.perDevice.map((use) => ({ ...use, peakBytes: gib / 2 }));
    const inFlight = { ...stream, perDevice: alone, pipeline: streamPipeline };
    expect(
      placementSentence(inFlight, small, undefined)
        .map((phrase) => phrase.text)
        .join(' '),
    ).toMatch(/Fits one step at a time: .* With all steps in flight gpu0 needs 800 MiB of 768 MiB\./);
    const tooMuch = { ...placement.perDevice[1], peakBytes: 17 * gib };
    const over = { ...placement, perDevice: [placement.perDevice[0], tooMuch] };
    expect(text(over)).toContain('Does not fit: gpu1 needs 17.0 GiB of 16.0 GiB.');
    expect(overText([25 * gib, 0], devices)).toEqual(['gpu0 needs 25.0 GiB of 24.0 GiB']);
  });
});

describe('the comparison', () => {
  it('puts the plan among the rules, fastest first, and last what does not fit', () => {
    expect(compared(placement, devices).map(({ name }) => name)).toEqual([
      'this plan',
      'everything on gpu0',
      'everything on gpu1',
    ]);
  });
});
