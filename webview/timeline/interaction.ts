import { brushX, select, type D3BrushEvent } from 'd3';
import { svgEl } from '../base/dom';
import type { TimeAxis } from './timeAxis';
import { sampleAt } from './timeAxis';
import type { TimelineLayout, TimelineScale } from './timelineScale';

/** What the pointer and the keyboard work on; renewed by every drawing. */
export interface Ground {
  readonly scale: Pick<TimelineScale, 'x'>;
  readonly layout: Pick<TimelineLayout, 'left' | 'right' | 'top' | 'bottom'>;
  readonly axis: TimeAxis;
  readonly peakSample: number;
  /** The sample at a moment where lanes lie above each other; -1 for none. Absent: the axis tells. */
  readonly sampleNear?: (moment: number, y: number) => number;
}

export interface TimelineActions {
  /** `y`: of the pointer, from the picture's upper edge; absent for the keyboard. */
  hover(sample: number | undefined, y?: number): void;
  zoom(range: readonly [number, number] | undefined): void;
  /** A click without a drag. */
  pick(sample: number): void;
  /** Goes through what is there at the crosshair's moment; absent where that is not told one by one. */
  walk?(sample: number, by: 1 | -1): void;
}

/**
 * Crosshair, brush-zoom along x, double-click to see all; from the keyboard: left and right move the crosshair, with Shift
 * the part that is shown, up and down go through the tensors there, P goes to the peak, + and − zoom around the crosshair,
 * Escape shows all.
 */
export class TimelineInteraction {
  readonly group = svgEl('g', { class: 'brush' });
  private ground: Ground | undefined;
  private sample = -1;
  private readonly brush = brushX<unknown>();

  constructor(
    focusable: HTMLElement,
    private readonly actions: TimelineActions,
  ) {
    this.brush.on('end', (event: D3BrushEvent<unknown>) => this.brushed(event));
    this.group.addEventListener('pointermove', (event) => this.pointTo(event));
    this.group.addEventListener('pointerleave', () => this.moveTo(undefined));
    this.group.addEventListener('click', (event) => this.clicked(event));
    this.group.addEventListener('dblclick', () => this.actions.zoom(undefined));
    focusable.addEventListener('keydown', (event) => this.key(event));
    focusable.addEventListener('blur', () => this.moveTo(undefined));
  }

  renew(ground: Ground): void {
    const before = this.ground?.layout;
    const { layout } = ground;
    this.ground = ground;
    if (
      before &&
      before.left === layout.left &&
      before.right === layout.right &&
      before.bottom === layout.bottom
    ) {
      return;
    }
    this.brush.extent([
      [layout.left, layout.top],
      [layout.right, layout.bottom],
    ]);
    select<SVGGElement, unknown>(this.group).call(this.brush);
  }

  private pointTo(event: PointerEvent): void {
    const sample = this.sampleUnder(event);
    if (sample === undefined) return;
    const { top = 0 } = this.group.ownerSVGElement?.getBoundingClientRect() ?? {};
    this.moveTo(sample < 0 ? undefined : sample, event.clientY - top);
  }

  private sampleUnder(event: MouseEvent): number | undefined {
    if (!this.ground) return undefined;
    const { scale, axis, sampleNear } = this.ground;
    const { left = 0, top = 0 } = this.group.ownerSVGElement?.getBoundingClientRect() ?? {};
    const moment = scale.x.invert(event.clientX - left);
    return sampleNear ? sampleNear(moment, event.clientY - top) : sampleAt(axis, moment);
  }

  private clicked(event: MouseEvent): void {
    const sample = this.sampleUnder(event);
    if (sample !== undefined && sample >= 0) this.actions.pick(sample);
  }

  private brushed({ selection, sourceEvent }: D3BrushEvent<unknown>): void {
    // Clearing the brush below ends a brush too, without a source event.
    if (!sourceEvent || !selection || !this.ground) return;
    const [from, to] = (selection as [number, number]).map((x) => this.ground?.scale.x.invert(x) ?? 0);
    select<SVGGElement, unknown>(this.group).call((group) => this.brush.move(group, null));
    this.actions.zoom([from, to]);
  }

  private moveTo(sample: number | undefined, y?: number): void {
    this.sample = sample ?? -1;
    this.actions.hover(sample, y);
  }

  private key(event: KeyboardEvent): void {
    if (!this.ground || event.ctrlKey || event.metaKey || event.altKey) return;
    const { axis, peakSample } = this.ground;
    const last = axis.start.length - 1;
    const here = this.sample < 0 ? peakSample : this.sample;
    const targets: Record<string, number> = {
      ArrowLeft: here - 1,
      ArrowRight: here + 1,
      PageUp: here - 10,
      PageDown: here + 10,
      Home: 0,
      End: last,
      p: peakSample,
    };
    const target = targets[event.key];
    const { walk } = this.actions;
    if (event.shiftKey && event.key === 'ArrowLeft') this.pan(-0.25);
    else if (event.shiftKey && event.key === 'ArrowRight') this.pan(0.25);
    else if (walk && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      this.sample = here;
      walk(here, event.key === 'ArrowDown' ? 1 : -1);
    } else if (target !== undefined) this.moveTo(Math.min(Math.max(target, 0), last));
    else if (event.key === '+' || event.key === '=') this.zoomAround(here, 0.5);
    else if (event.key === '-') this.zoomAround(here, 2);
    else if (event.key === 'Escape') this.actions.zoom(undefined);
    else if (event.key === 'Enter' && this.sample >= 0) this.actions.pick(this.sample);
    else return;
    event.preventDefault();
  }

  /** Moves the part that is shown, by a share of it. */
  private pan(share: number): void {
    if (!this.ground) return;
    const { axis, scale } = this.ground;
    const [from, to] = scale.x.domain();
    if (to - from >= axis.total) return;
    const low = Math.min(Math.max(0, from + (to - from) * share), axis.total - (to - from));
    this.actions.zoom([low, low + to - from]);
  }

  private zoomAround(sample: number, factor: number): void {
    if (!this.ground) return;
    const { axis, scale } = this.ground;
    const [from, to] = scale.x.domain();
    const half = ((to - from) * factor) / 2;
    const centre = axis.start[sample];
    if (2 * half >= axis.total) this.actions.zoom(undefined);
    else {
      const low = Math.min(Math.max(0, centre - half), axis.total - 2 * half);
      this.actions.zoom([low, low + 2 * half]);
    }
  }
}
