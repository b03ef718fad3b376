import { scaleLinear, type ScaleLinear } from 'd3';
import type { Size } from '../base/size';
import type { PipelineLane, PipelineModel } from './pipelineModel';

const margin = { left: 60, right: 14 };
const phaseHeight = 20;
const headHeight = 20;
const passHeight = 20;
const gap = 9;
const axisHeight = 20;
const leastMemoryHeight = 26;

/** Where the parts of a lane lie, in CSS pixels. */
export interface PipelineBox {
  readonly top: number;
  readonly memoryTop: number;
  readonly memoryBottom: number;
  readonly passTop: number;
  readonly passBottom: number;
  readonly bottom: number;
}

export interface PipelineLayout {
  readonly left: number;
  readonly right: number;
  /** The phases stand above it. */
  readonly top: number;
  /** Lower end of the lanes, where the time axis begins. */
  readonly bottom: number;
  readonly width: number;
  /** May be more than there is room for: then the lanes scroll. */
  readonly height: number;
  readonly lanes: readonly PipelineBox[];
}

/** Lanes share the height; none becomes too low to read. */
export function pipelineLayout({ width, height }: Size, laneCount: number): PipelineLayout {
  const least = headHeight + leastMemoryHeight + passHeight + gap;
  const room = Math.floor((height - phaseHeight - axisHeight) / Math.max(1, laneCount));
  const laneHeight = Math.max(least, room);
  const lanes = Array.from({ length: laneCount }, (_, lane): PipelineBox => {
    const top = phaseHeight + lane * laneHeight;
    const bottom = top + laneHeight;
    const passBottom = bottom - gap;
    const passTop = passBottom - passHeight;
    return { top, memoryTop: top + headHeight, memoryBottom: passTop - 1, passTop, passBottom, bottom };
  });
  const bottom = phaseHeight + laneCount * laneHeight;
  const right = Math.max(margin.left + 40, width - margin.right);
  return { left: margin.left, right, top: phaseHeight, bottom, width, height: bottom + axisHeight, lanes };
}

export type Scale = ScaleLinear<number, number>;

/** One axis of time for all lanes. */
export const timeScale = (
  { axis }: PipelineModel,
  zoom: readonly [number, number] | undefined,
  { left, right }: PipelineLayout,
): Scale => scaleLinear(zoom ?? [0, axis.total], [left, right]);

/** A lane's own scale of memory: to its highest moment, or to the device's memory where that is near or passed. */
export function memoryScale({ use, memoryBytes }: PipelineLane, box: PipelineBox): Scale {
  const high = Math.max(use.peakBytes, 1);
  const end = memoryBytes < 1.6 * high ? Math.max(high, memoryBytes) : high;
  return scaleLinear([0, end * 1.06], [box.memoryBottom, box.memoryTop]);
}

/** The lane at a height; the nearest one outside of all. */
export function laneAt({ lanes }: PipelineLayout, y: number): number {
  const at = lanes.findIndex(({ bottom }) => y < bottom);
  return at < 0 ? lanes.length - 1 : at;
}
