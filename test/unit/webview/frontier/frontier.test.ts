import { describe, expect, it } from 'vitest';
import { keepEverything } from '../../../../planner-core/simulator/schedule';
import type { Frontier, FrontierPoint } from '../../../../planner-core/planners/frontier';
import { boundLinePath, boundPath, curvePath } from '../../../../webview/frontier/curve';
import { deviceTicks } from '../../../../webview/frontier/deviceTicks';
import { budgetRange, frontierScale } from '../../../../webview/frontier/frontierScale';

const point = (peakBytes: number, overheadPercent: number, lowerBoundPercent = 0): FrontierPoint => ({
  peakBytes,
  overheadPercent,
  lowerBoundPercent,
  stepTimeMs: 100 + overheadPercent,
  planner: 'test',
  directives: keepEverything,
});
const points = [point(40, 30), point(60, 10), point(100, 0)];
const frontier: Frontier = {
  strategies: { 'module-checkpoint': points, selective: [], schedule: [point(20, 400)] },
  baselines: [{ ...point(100, 0), name: 'keep all', family: 'modules', description: '' }],
  floorBytes: 20,
  floorNode: 'head',
};
const area = { left: 10, top: 5, width: 200, height: 100 };
const scale = frontierScale(frontier, [0, 100], area);

describe('frontier scale', () => {
  it('spans from below the floor to where nothing has to be given up', () => {
    const [low, high] = budgetRange(frontier, 100, 1000);
    expect(low).toBeLessThan(20);
    expect(high).toBeGreaterThan(100);
    expect(high).toBeLessThan(120);
  });

  it('takes the size of the device in when it is near', () => {
    expect(budgetRange(frontier, 100, 130)[1]).toBeGreaterThan(130);
  });

  it('has room to show when nothing can be given up', () => {
    const only = [point(100, 0)];
    const flat = {
      ...frontier,
      strategies: { 'module-checkpoint': only, selective: only, schedule: only },
      floorBytes: 100,
    };
    const [low, high] = budgetRange(flat, 100, 1e6);
    expect(low).toBeLessThan(100);
    expect(high).toBeGreaterThan(100);
  });

  it('does not let theoretical schedules flatten the practical ones', () => {
    expect(scale.y.domain()[1]).toBeLessThan(40);
  });
});

describe('curves', () => {
  it('are level from one peak to the next, and to the end after the last', () => {
    const { x, y } = scale;
    const corner = (bytes: number, percent: number): string =>
      `${+x(bytes).toFixed(1)},${+y(percent).toFixed(1)}`;
    const path = curvePath(points, scale);
    for (const [bytes, percent] of [
      [40, 30],
      [60, 10],
      [100, 0],
    ]) {
      expect(path).toContain(corner(bytes, percent));
    }
    expect(path).toContain(corner(60, 30));
  });

  it('draw no bound where nothing is proven', () => {
    expect(boundPath([], scale)).toBe('');
  });

  it('draw a bound up to its budget and not beyond, where another plan might be', () => {
    const stairs = [
      { budgetBytes: 40, lowerBoundPercent: 12 },
      { budgetBytes: 60, lowerBoundPercent: 4 },
    ];
    const { x, y } = scale;
    const corner = (bytes: number, percent: number): string =>
      `${+x(bytes).toFixed(1)},${+y(percent).toFixed(1)}`;
    const path = boundPath(stairs, scale);
    for (const part of [corner(0, 12), corner(40, 12), corner(40, 4), corner(60, 4), corner(60, 0)])
      expect(path).toContain(part);
    expect(path).not.toContain(corner(60, 12));
  });

  it('draw the upper edge of what is proven, and no edge where the region or the picture ends', () => {
    const { x, y } = scale;
    const [most] = y.domain().slice(-1);
    const stairs = [
      { budgetBytes: 40, lowerBoundPercent: 12 },
      { budgetBytes: 60, lowerBoundPercent: 4 },
    ];
    const line = boundLinePath(stairs, scale, x(20));
    const numbers = line.match(/[\d.]+,[\d.]+/g)?.map((pair) => pair.split(',').map(Number)) ?? [];
    expect(numbers[0]).toEqual([x(20), y(12)].map((at) => +at.toFixed(1)));
    expect(numbers.at(-1)).toEqual([x(60), y(4)].map((at) => +at.toFixed(1)));
    expect(numbers.every(([, at]) => at < y(0))).toBe(true);

    const high = boundLinePath([{ budgetBytes: 30, lowerBoundPercent: 2 * most }, ...stairs], scale, x(20));
    expect(high.startsWith(`M${+x(30).toFixed(1)},${+y(12).toFixed(1)}`)).toBe(true);
    expect(boundLinePath([{ budgetBytes: 30, lowerBoundPercent: 2 * most }], scale)).toBe('');
    expect(boundLinePath([], scale)).toBe('');
  });
});

it('names the chosen device first, and only as many devices as can be read', () => {
  const catalogue = [
    { name: 'Other', memoryBytes: 50 },
    { name: 'Third', memoryBytes: 90 },
    { name: 'Outside', memoryBytes: 500 },
  ];
  const chosen = { id: 'gpu0', name: 'Chosen', memoryBytes: 50 };
  const ticks = deviceTicks(catalogue, chosen, (bytes) => bytes * 4, 0, 400);
  expect(ticks).toEqual([
    { name: 'Chosen', x: 200 },
    { name: 'Third', x: 360 },
  ]);
});
