import { select, zoom, zoomIdentity, type D3ZoomEvent, type ZoomTransform } from 'd3';
import type { Size } from '../base/size';
import type { Place } from './layout';

const scales = { least: 0.15, most: 2, readable: 0.85 } as const;
const marginPx = 12;

/** Moves and scales the picture in its window: by wheel and drag, by keys, and to what has to be seen. */
export interface GraphZoom {
  /** All of it, as large as it fits. */
  fit(picture: Size, window: Size): void;
  /** All of it; but never too small to read: then its beginning. Does nothing once somebody has moved the picture. */
  begin(picture: Size, window: Size): void;
  /** As if nobody had moved it. */
  forget(): void;
  by(factor: number): void;
  /** Moves a box into the window by the shortest way, unless it is there. */
  reveal(place: Place, window: Size): void;
}

export function graphZoom(svg: SVGSVGElement, ground: SVGGElement): GraphZoom {
  let current: ZoomTransform = zoomIdentity;
  let isMoved = false;
  const behaviour = zoom<SVGSVGElement, unknown>()
    .scaleExtent([scales.least, scales.most])
    // d3 asks the element for its size, which is unknown without a layout.
    .extent(() => [
      [0, 0],
      [svg.clientWidth || 1, svg.clientHeight || 1],
    ])
    .on('zoom', ({ transform, sourceEvent }: D3ZoomEvent<SVGSVGElement, unknown>) => {
      if (sourceEvent) isMoved = true;
      current = transform;
      ground.setAttribute('transform', transform.toString());
    });
  const target = select<SVGSVGElement, unknown>(svg);
  target.call(behaviour).on('dblclick.zoom', null);
  const set = (transform: ZoomTransform): void => {
    target.call((of) => behaviour.transform(of, transform));
  };
  const show = (picture: Size, window: Size, least: number): void => {
    const all = Math.min(
      1,
      (window.width - 2 * marginPx) / picture.width,
      (window.height - 2 * marginPx) / picture.height,
    );
    const k = Math.max(all, least);
    const centred = (room: number, length: number): number => Math.max(marginPx, (room - length * k) / 2);
    set(
      zoomIdentity
        .translate(centred(window.width, picture.width), centred(window.height, picture.height))
        .scale(k),
    );
  };
  return {
    fit(picture, window) {
      isMoved = true;
      show(picture, window, scales.least);
    },
    begin(picture, window) {
      if (!isMoved) show(picture, window, scales.readable);
    },
    forget() {
      isMoved = false;
    },
    by(factor) {
      isMoved = true;
      target.call((of) => behaviour.scaleBy(of, factor));
    },
    reveal({ x, y, width, height }, window) {
      const { k } = current;
      const shift = (from: number, length: number, room: number): number => {
        if (from < marginPx || length > room) return marginPx - from;
        return Math.min(0, room - marginPx - (from + length));
      };
      const dx = shift(current.applyX(x), width * k, window.width);
      const dy = shift(current.applyY(y), height * k, window.height);
      if (dx === 0 && dy === 0) return;
      isMoved = true;
      set(zoomIdentity.translate(current.x + dx, current.y + dy).scale(k));
    },
  };
}
