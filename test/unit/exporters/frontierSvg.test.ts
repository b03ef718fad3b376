import { expect, it } from 'vitest';
import { frontierSvg } from '../../../planner-core/exporters/pictures/frontierSvg';
import type { Plan } from '../../../planner-core/plan/plan';
import type { Frontier, FrontierPoint } from '../../../planner-core/planners/frontier';
import { keepEverything } from '../../../planner-core/simulator/schedule';

const point = (peakBytes: number, overheadPercent: number, lowerBoundPercent: number): FrontierPoint => ({
  ...{ peakBytes, overheadPercent, lowerBoundPercent },
  stepTimeMs: 100 + overheadPercent,
  planner: 'hand',
  directives: keepEverything,
});

/** Corners of the line of what is proven, in pixels. */
function boundCorners(points: readonly FrontierPoint[]): number[][] {
  const frontier: Frontier = {
    strategies: { 'module-checkpoint': points, selective: points.slice(1), schedule: points },
    baselines: [],
    floorBytes: 300,
    floorNode: '',
  };
  const plan = { prediction: points[0], budgetBytes: 500, decisions: [] } as unknown as Plan;
  const svg = frontierSvg(frontier, plan, { title: 'a', subtitle: '', assumptions: [] });
  const path = /<path d="([^"]*)"[^>]*stroke="#009e73"/.exec(svg)?.[1] ?? '';
  const pairs = path.match(/[\d.]+,[\d.]+/g) ?? [];
  return pairs.filter((pair, i) => pair !== pairs[i - 1]).map((pair) => pair.split(',').map(Number));
}

it('draws a bound from its budget down to the next one, and nowhere else', () => {
  const corners = boundCorners([point(400, 30, 20), point(600, 10, 5), point(1000, 0, 0)]);
  const [start, first, riser, second, ...others] = corners;
  expect(others).toEqual([]);
  // Level from the left end up to its own budget; then down to the level of the next one, which ends at its budget.
  expect(start[1]).toBe(first[1]);
  expect(start[0]).toBeLessThan(first[0]);
  expect(riser[0]).toBe(first[0]);
  expect(riser[1]).toBe(second[1]);
  expect(second[0]).toBeGreaterThan(riser[0]);
});

it('leaves out a bound that is higher than the picture, and a line where nothing is proven', () => {
  const cut = boundCorners([point(400, 500, 300), point(600, 10, 5), point(1000, 0, 0)]);
  expect(new Set(cut.map(([, y]) => y)).size).toBe(1);
  expect(boundCorners([point(400, 30, 0), point(1000, 0, 0)])).toEqual([]);
});

it.each([
  ['this plan', [], []],
  ['this plan, offloading as the curves do', [3], [5]],
  ['this plan, offloading too, which the curves do not', [3], []],
])('names the plan by what leaves the device: %s', (name, ofPlan, ofCurve) => {
  const offloading = (made: FrontierPoint, offloads: number[]): FrontierPoint => ({
    ...made,
    directives: { ...keepEverything, offloads: Int32Array.from(offloads) },
  });
  const own = offloading(point(400, 30, 0), ofPlan);
  const curve = [own, offloading(point(600, 10, 0), ofCurve)];
  const frontier: Frontier = {
    strategies: { 'module-checkpoint': curve, selective: [], schedule: [] },
    ...{ baselines: [], floorBytes: 300, floorNode: '' },
  };
  const decisions = ofPlan.map(() => ({ target: 'h', kind: 'module', choice: 'offload', pinned: false }));
  const plan = { prediction: own, budgetBytes: 500, strategy: 'module-checkpoint', decisions };
  const svg = frontierSvg(frontier, plan as unknown as Plan, { title: 'a', subtitle: '', assumptions: [] });
  expect(svg).toContain(`>${name}</text>`);
});
