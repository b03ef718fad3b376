export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Used until the first measurement, and where there is no layout (tests). */
const unmeasured: Size = { width: 480, height: 260 };

/** Reports an element's content size in CSS pixels, now and whenever it changes. */
export function observeSize(element: HTMLElement, onChange: (size: Size) => void): Size {
  if (typeof ResizeObserver === 'undefined') return unmeasured;
  new ResizeObserver(([entry]) => {
    const { width, height } = entry.contentRect;
    if (width > 0 && height > 0) onChange({ width: Math.floor(width), height: Math.floor(height) });
  }).observe(element);
  return unmeasured;
}
