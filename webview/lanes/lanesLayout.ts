import { scaleLinear, type ScaleLinear } from 'd3';
import type { Size } from '../base/size';
import type { DeviceLane, LanesModel } from './lanesModel';

const margin = { left: 60, right: 14 };
const headHeight = 20;
const phaseHeight = 9;
const moduleHeight = 13;
const gap = 9;
const axisHeight = 20;
const leastMemoryHeight = 30;
const leastLaneHeight = headHeight + leastMemoryHeight + phaseHeight + moduleHeight + gap;
const unusedLaneHeight = headHeight + phaseHeight + moduleHeight + gap;

/** Where the parts of a lane lie, in CSS pixels. */
export interface LaneBox {
  readonly top: number;
  readonly memoryTop: number;
  readonly memoryBottom: number;
  /** What runs: coloured by phase, and under it the modules with their names. */
  readonly phaseTop: number;
  readonly phaseBottom: number;
  readonly moduleBottom: number;
  readonly bottom: number;
}

export interface LanesLayout {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  /** Lower end of the lanes, where the time axis begins. */
  readonly bottom: number;
  readonly width: number;
  /** May be more than there is room for: then the lanes scroll. */
  readonly height: number;
  readonly lanes: readonly LaneBox[];
}

/** Lanes in use share the height; none becomes too low to read. Those of devices with nothing to do stay low. */
export function lanesLayout({ width, height }: Size, used: readonly boolean[]): LanesLayout {
  const usedCount = used.filter(Boolean).length;
  const room = height - axisHeight - (used.length - usedCount) * unusedLaneHeight;
  const laneHeight = Math.max(leastLaneHeight, Math.floor(room / Math.max(1, usedCount)));
  let bottom = 0;
  const lanes = used.map((isUsed): LaneBox => {
    const top = bottom;
    bottom += isUsed ? laneHeight : unusedLaneHeight;
    const moduleBottom = bottom - gap;
    const phaseBottom = moduleBottom - moduleHeight;
    const phaseTop = phaseBottom - phaseHeight;
    return {
      top,
      memoryTop: top + headHeight,
      memoryBottom: phaseTop - 1,
      phaseTop,
      phaseBottom,
      moduleBottom,
      bottom,
    };
  });
  return {
    left: margin.left,
    right: Math.max(margin.left + 40, width - margin.right),
    top: 0,
    bottom,
    width,
    height: bottom + axisHeight,
    lanes,
  };
}

export type Scale = ScaleLinear<number, number>;

/** One axis of time for all lanes. */
export function timeScale(
  { total }: LanesModel,
  zoom: readonly [number, number] | undefined,
  layout: LanesLayout,
): Scale {
  return scaleLinear(zoom ?? [0, total], [layout.left, layout.right]);
}

/**
 * A lane's own scale of memory: to its highest moment and that of what it is held against, or to the device's memory where that is near
 * or passed.
 */
export function memoryScale(
  { peak }: DeviceLane,
  memoryBytes: number,
  box: LaneBox,
  besides: readonly (Float64Array | undefined)[] = [],
): Scale {
  const high = besides.reduce(
    (most, line) => line?.reduce((top, bytes) => (bytes > top ? bytes : top), most) ?? most,
    Math.max(peak.bytes, 1),
  );
  const isNear = memoryBytes < 1.6 * high;
  return scaleLinear(
    [0, (isNear ? Math.max(high, memoryBytes) : high) * 1.06],
    [box.memoryBottom, box.memoryTop],
  );
}

/** The lane at a height; the nearest one outside of all. */
export function laneAt({ lanes }: LanesLayout, y: number): number {
  const at = lanes.findIndex(({ bottom }) => y < bottom);
  return at < 0 ? lanes.length - 1 : at;
}
