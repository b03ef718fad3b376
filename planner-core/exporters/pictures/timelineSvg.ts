import { bandNames, bands, type Timeline } from '../../simulator/timeline';
import type { OffloadFacts } from '../offloadFacts';
import { bandColours, memoryChart, timeScale } from './memoryChart';
import { offloadLane } from './offloadLane';
import { escapedXml, legendRow, pageMargin, svgPage, type Caption } from './svgPage';

const chartHeight = 370;
const lanesHeight = 190;
const gap = 60;

/** A device of the step with its memory over it. */
export interface Lane {
  /** Name of the device, shown above its chart where there are several. */
  readonly device: string;
  readonly timeline: Timeline;
  /** Of the device the budget is for. */
  readonly budgetBytes?: number;
  /** What leaves the device; absent where nothing does. */
  readonly offload?: OffloadFacts;
}

/**
 * Memory over the step as a picture: a chart for each device, below one another, each on its own scale, and below a device
 * what it offloads.
 */
export function timelineSvg(lanes: readonly Lane[], caption: Caption): string {
  const height = lanes.length > 1 ? lanesHeight : chartHeight;
  let top = pageMargin.top;
  const parts: string[] = [];
  for (const { device, timeline, budgetBytes, offload } of lanes) {
    if (lanes.length > 1) {
      top += 14;
      parts.push(
        `<text x="${pageMargin.left}" y="${top - 6}" font-weight="600">${escapedXml(device)}</text>`,
      );
    }
    parts.push(...memoryChart(timeline, { top, bottom: top + height }, budgetBytes));
    top += height + gap;
    if (offload) {
      const lane = offloadLane(offload, top - 6, timeScale(timeline));
      parts.push(...lane.parts);
      top = lane.bottom + gap - 20;
    }
  }
  const legendAt = top - gap + 46;
  parts.push(
    ...legendRow(
      bands.map((band) => [bandNames[band], bandColours[band]]),
      legendAt,
    ),
  );
  return svgPage(caption, legendAt, parts);
}
