/**
 * What jsdom lacks and the view's libraries ask for while they load. Import this before anything of the view, in a file
 * that starts with `@vitest-environment jsdom`.
 */
window.matchMedia ??= (media: string) =>
  Object.assign(new EventTarget(), {
    media,
    matches: false,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  });
// There is no canvas: the painter is left out, everything around it runs.
HTMLCanvasElement.prototype.getContext = () => null;

/** The next frame has been drawn. */
export const nextFrame = (): Promise<void> =>
  new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));

/** Runs frames until `condition` holds; fails after many. */
export async function untilFrame(condition: () => boolean): Promise<void> {
  for (let frame = 0; frame < 100; frame++) {
    if (condition()) return;
    await nextFrame();
  }
  throw new Error(`still not so after 100 frames: ${condition.toString()}`);
}
