import type { Size } from './size';

/** Pixels of the screen for one CSS pixel. */
export const pixelRatio = (): number => window.devicePixelRatio || 1;

/** Gives a canvas its size in CSS pixels, sharp on this screen. What is drawn by is undefined where nothing can be (tests). */
export function fitCanvas(
  canvas: HTMLCanvasElement,
  size: Size,
): { context: CanvasRenderingContext2D; ratio: number } | undefined {
  const ratio = pixelRatio();
  const width = Math.round(size.width * ratio);
  const height = Math.round(size.height * ratio);
  // Setting a canvas' size clears it and costs an allocation: only when it changed.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.style.width = `${size.width}px`;
  canvas.style.height = `${size.height}px`;
  const context = canvas.getContext('2d');
  return context ? { context, ratio } : undefined;
}
