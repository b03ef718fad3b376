import { formatMemory } from '../../planner-core/base/format';
import { strategies, type PlanDevice, type Strategy } from '../../planner-core/plan/plan';
import type { Frontier } from '../../planner-core/planners/frontier';
import type { BudgetBound } from '../../planner-core/session/refine';
import type { ViewState } from '../../planner-core/protocol/messages';
import { svgEl } from '../base/dom';
import { placeLabels, type Box, type LabelPlace } from '../base/labelPlacement';
import { memoryTickLabel, memoryTicks } from '../../planner-core/base/memoryTicks';
import { strategyNames } from '../ui/names';
import { baselineFamilies } from '../../planner-core/planners/baselines/baseline';
import type { BaselineGroup } from './baselineFamilies';
import { boundLinePath, boundPath, curvePath } from './curve';
import { deviceTicks } from './deviceTicks';
import { baselineLabel, curveBoxes, curveLabel, dotBox } from './frontierLabels';
import { strategyPoints, type FrontierScale, type PlotArea } from './frontierScale';
import { t } from '../base/l10n';

/** Distance from the plot's lower edge to the tick labels: the slider lies between. */
const sliderGap = 24;

export interface PictureInput {
  readonly frontier: Frontier;
  readonly scale: FrontierScale;
  readonly area: PlotArea;
  readonly strategy: Strategy;
  /** The well-known rules whose marks lie in the plot; they are drawn above the picture. */
  readonly rules: readonly BaselineGroup[];
  /** What is proven about every budget. */
  readonly stairs: readonly BudgetBound[];
  /** Proven: no plan meets this budget or a lower one. */
  readonly impossibleBytes: number;
  readonly device: PlanDevice;
  readonly catalogue: ViewState['deviceCatalogue'];
}

/** Everything of the frontier that does not move with the slider. */
export function frontierPicture(input: PictureInput): SVGElement[] {
  const { frontier, scale, area, strategy } = input;
  const bottom = area.top + area.height;
  const floorX = Math.max(area.left, scale.x(input.impossibleBytes));
  const clip = svgEl(
    'clipPath',
    { id: 'frontier-clip' },
    svgEl('rect', { x: area.left, y: area.top, width: area.width, height: area.height + 1 }),
  );
  const regions = svgEl(
    'g',
    { 'clip-path': 'url(#frontier-clip)' },
    svgEl('rect', {
      class: 'proven-region',
      x: area.left,
      y: area.top,
      width: Math.max(0, floorX - area.left),
      height: area.height,
    }),
    svgEl('path', { class: 'proven-region', d: boundPath(input.stairs, scale, floorX) }),
    svgEl('path', { class: 'proven-line', d: boundLinePath(input.stairs, scale, floorX) }),
    ...floorLine(input, floorX),
    ...strategies.map((name) =>
      svgEl('path', {
        class: `curve strategy-${name}${name === strategy ? ' is-current' : ''}`,
        d: curvePath(strategyPoints(frontier, name), scale),
      }),
    ),
  );
  return [
    clip,
    ...grid(scale, area),
    regions,
    svgEl('line', { class: 'axis-line', x1: area.left, x2: area.left + area.width, y1: bottom, y2: bottom }),
    ...labels(input),
    ...ticksBelow(input),
  ];
}

/** From the top of the picture down to what is proven beyond the floor: below that both regions are one. */
function floorLine({ scale, area, stairs, impossibleBytes }: PictureInput, at: number): SVGElement[] {
  if (scale.x(impossibleBytes) <= area.left) return [];
  const beyond = stairs.find(({ budgetBytes }) => budgetBytes > impossibleBytes)?.lowerBoundPercent ?? 0;
  const y2 = Math.max(area.top, scale.y(beyond));
  return [svgEl('line', { class: 'proven-line', x1: at, x2: at, y1: area.top, y2 })];
}

function grid({ y }: FrontierScale, { left, width }: PlotArea): SVGElement[] {
  return y
    .ticks(5)
    .flatMap((percent) => [
      svgEl('line', { class: 'grid-line', x1: left, x2: left + width, y1: y(percent), y2: y(percent) }),
      svgEl(
        'text',
        { class: 'tick', x: left - 8, y: y(percent), 'text-anchor': 'end', dy: '0.32em' },
        `+${percent} %`,
      ),
    ]);
}

function labels(input: PictureInput): SVGElement[] {
  const { frontier, scale, area, strategy, rules } = input;
  const bounds: Box = area;
  const curves = strategies.filter((name) => strategyPoints(frontier, name).length > 0);
  const texts = [
    ...curves.map((name) => ({
      label: curveLabel(strategyNames[name], strategyPoints(frontier, name), scale),
      class: `curve-label strategy-${name}${name === strategy ? ' is-current' : ''}`,
    })),
    { label: floorLabel(input), class: 'proven-label' },
    // Those people know best are named first; whoever finds no room is named on hover.
    ...baselineFamilies.flatMap((family) =>
      rules
        .filter((group) => group.family === family)
        .map((group) => ({ label: baselineLabel(group, scale), class: 'baseline-label' })),
    ),
  ];
  const obstacles = [
    ...rules.map(({ points: [point] }) => dotBox(point, scale)),
    ...curves.flatMap((name) => curveBoxes(strategyPoints(frontier, name), scale)),
  ];
  const places = placeLabels(
    texts.map(({ label }) => label),
    bounds,
    obstacles,
  );
  return texts.flatMap(({ label, class: name }, i) => {
    const place = places[i];
    return place ? [labelText(label.text, place, name)] : [];
  });
}

function floorLabel({ impossibleBytes, scale, area, stairs }: PictureInput) {
  const x = Math.max(area.left, scale.x(impossibleBytes));
  const places = [0.94, 0.8, 0.1, 0.5].map((down): LabelPlace => ({
    x: x + 6,
    y: area.top + area.height * down,
    anchor: 'start',
  }));
  return {
    text:
      stairs.length > 0 ? t('proven: no plan here') : t('◂ proven floor {0}', formatMemory(impossibleBytes)),
    places,
  };
}

function labelText(text: string, { x, y, anchor }: LabelPlace, name: string): SVGElement {
  return svgEl('text', { class: name, x, y, 'text-anchor': anchor, dy: '0.34em' }, text);
}

/** Under the slider: memory sizes, and below them devices that have as much. */
function ticksBelow({ scale, area, device, catalogue }: PictureInput): SVGElement[] {
  const { x } = scale;
  const [lowBytes, highBytes] = x.domain();
  const y = area.top + area.height + sliderGap;
  const memory = memoryTicks(lowBytes, highBytes, area.width / 70).map((bytes) =>
    svgEl(
      'text',
      { class: 'tick', x: x(bytes), y, 'text-anchor': 'middle', dy: '0.8em' },
      memoryTickLabel(bytes),
    ),
  );
  const devices = deviceTicks(catalogue, device, x, area.left + 20, area.left + area.width - 20).map(
    ({ name, x: at }) =>
      svgEl(
        'text',
        {
          class: `tick device-tick${name === device.name ? ' is-current' : ''}`,
          x: at,
          y: y + 14,
          'text-anchor': 'middle',
          dy: '0.8em',
        },
        name,
      ),
  );
  return [...memory, ...devices];
}
