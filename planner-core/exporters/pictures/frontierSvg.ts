import { curveStepAfter, curveStepBefore, line, scaleLinear, type CurveFactory } from 'd3';
import { formatMemory, formatOverhead } from '../../base/format';
import { memoryTickLabel, memoryTicks } from '../../base/memoryTicks';
import { strategies, type Plan, type Strategy } from '../../plan/plan';
import { curveOffloads, type Frontier, type FrontierPoint } from '../../planners/frontier';
import { escapedXml, legendRow, pageMargin, pageWidth, svgPage, type Caption } from './svgPage';

const bottom = 440;
/** Overheads above this are cut off: what is near the plan is what people decide between. */
const mostOverheadPercent = 60;

/** Colour and dashes: curves are told apart without colour too. */
const looks: Readonly<Record<Strategy, readonly [name: string, colour: string, dashes: string]>> = {
  'module-checkpoint': ['whole modules', '#d55e00', ''],
  selective: ['selective', '#0072b2', '6 3'],
  schedule: ['any schedule', '#8a6bb0', '2 2'],
};

/** Step time against budget as a picture: a curve for each strategy, rules to compare with, what is proven, the plan. */
export function frontierSvg(frontier: Frontier, plan: Plan, caption: Caption): string {
  const { prediction, budgetBytes } = plan;
  const points = [...Object.values(frontier.strategies).flat(), ...frontier.baselines];
  const peaks = [...points.map(({ peakBytes }) => peakBytes), prediction.peakBytes];
  const overheads = points.map(({ overheadPercent }) => overheadPercent);
  const low = frontier.floorBytes > 0 ? Math.min(frontier.floorBytes, ...peaks) : Math.min(...peaks);
  const high = Math.max(...peaks) * 1.02;
  const x = scaleLinear([low, high], [pageMargin.left, pageWidth - pageMargin.right]);
  const top = Math.min(mostOverheadPercent, Math.max(5, prediction.overheadPercent, ...overheads) * 1.05);
  const y = scaleLinear([Math.min(0, ...overheads), top], [bottom, pageMargin.top]);
  const onPage = ({ overheadPercent }: Pick<FrontierPoint, 'overheadPercent'>): boolean =>
    overheadPercent <= top;
  const path = (curve: readonly (readonly [number, number])[], steps: CurveFactory): string =>
    line<readonly [number, number]>()
      .x(([bytes]) => x(bytes))
      .y(([, percent]) => y(percent))
      .curve(steps)
      .digits(1)(curve) ?? '';
  const drawn = strategies.filter((strategy) => frontier.strategies[strategy].some(onPage));
  const bounds = boundLine(frontier, low, top);
  return svgPage(caption, bottom + 62, [
    ...axes(x, y),
    ...(bounds.length > 0
      ? [
          `<path d="${path(bounds, curveStepBefore)}" fill="none" stroke="#009e73" stroke-width="1.5" stroke-dasharray="1 3"/>`,
        ]
      : []),
    ...drawn.map((strategy) => {
      const [, colour, dashes] = looks[strategy];
      const curve = frontier.strategies[strategy].filter(onPage);
      const at = curve.map(({ peakBytes, overheadPercent }) => [peakBytes, overheadPercent] as const);
      return `<path d="${path([...at, [high, at[at.length - 1][1]]], curveStepAfter)}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dashes}"/>`;
    }),
    ...frontier.baselines.filter(onPage).map((point) => {
      const [cx, cy] = [x(point.peakBytes).toFixed(1), y(point.overheadPercent).toFixed(1)];
      const told = `${point.name}: ${formatMemory(point.peakBytes)}, ${formatOverhead(point.overheadPercent)}`;
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="#fff" stroke="#555"><title>${escapedXml(told)}</title></circle>`;
    }),
    ...(budgetBytes >= low && budgetBytes <= high ? [budgetLine(x(budgetBytes), budgetBytes)] : []),
    ...(onPage(prediction)
      ? [
          `<circle cx="${x(prediction.peakBytes).toFixed(1)}" cy="${y(prediction.overheadPercent).toFixed(1)}" r="6" fill="#111"/>`,
        ]
      : []),
    ...legendRow(
      [
        ...drawn.map((strategy) => [looks[strategy][0], looks[strategy][1]] as const),
        ...(bounds.length > 0 ? [['proven: no plan below', '#009e73'] as const] : []),
        [planName(frontier, plan), '#111'],
        ['rules to compare with', '#999'],
      ],
      bottom + 50,
    ),
  ]);
}

function planName(frontier: Frontier, { strategy, prediction, decisions, offloads = [] }: Plan): string {
  const isOffloading = offloads.length > 0 || decisions.some(({ choice }) => choice === 'offload');
  if (!isOffloading) return 'this plan';
  const isLikeCurve = curveOffloads(frontier, strategy, prediction);
  return `this plan, offloading ${isLikeCurve ? 'as the curves do' : 'too, which the curves do not'}`;
}

/**
 * Corners of the line of what is proven, by ascending budget: a bound holds for its budget and all below, down to the next
 * one. Where nothing is proven, and above `top`, there is no line.
 */
function boundLine(
  { strategies: curves }: Frontier,
  low: number,
  top: number,
): (readonly [number, number])[] {
  const all = Object.values(curves)
    .flat()
    .sort((a, b) => b.peakBytes - a.peakBytes);
  const corners: [number, number][] = [];
  let highest = 0;
  for (const { peakBytes, lowerBoundPercent } of all) {
    if (lowerBoundPercent <= highest) continue;
    highest = lowerBoundPercent;
    if (highest > top) return beginning(corners.reverse(), peakBytes);
    if (corners.at(-1)?.[0] === peakBytes) corners.pop();
    corners.push([peakBytes, highest]);
  }
  return beginning(corners.reverse(), low);
}

/** The first bound reaches down to `from`. */
function beginning(corners: [number, number][], from: number): (readonly [number, number])[] {
  const [first] = corners;
  return first && from < first[0] ? [[from, first[1]], ...corners] : corners;
}

type Scale = ReturnType<typeof scaleLinear<number, number>>;

function axes(x: Scale, y: Scale): string[] {
  const [left, right] = [pageMargin.left, pageWidth - pageMargin.right];
  const [low, high] = x.domain();
  return [
    ...y.ticks(6).map((percent) => {
      const at = y(percent).toFixed(1);
      return (
        `<line x1="${left}" x2="${right}" y1="${at}" y2="${at}" stroke="#e5e5e5"/>` +
        `<text x="${left - 8}" y="${at}" dy="4" text-anchor="end" fill="#555">${formatOverhead(percent)}</text>`
      );
    }),
    ...memoryTicks(low, high, 8).map(
      (bytes) =>
        `<text x="${x(bytes).toFixed(1)}" y="${bottom + 18}" text-anchor="middle" fill="#555">${memoryTickLabel(bytes)}</text>`,
    ),
  ];
}

const budgetLine = (at: number, budgetBytes: number): string =>
  `<line x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="${pageMargin.top}" y2="${bottom}" stroke="#d55e00" stroke-dasharray="6 4"/>` +
  `<text x="${(at - 6).toFixed(1)}" y="${pageMargin.top + 10}" text-anchor="end" fill="#d55e00">budget ${formatMemory(budgetBytes)}</text>`;
