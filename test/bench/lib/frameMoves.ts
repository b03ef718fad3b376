import type { Page } from 'playwright-core';

export const frameActions = ['slider', 'brush', 'hover', 'scroll', 'jump'] as const;
export type FrameAction = (typeof frameActions)[number];

const targets: Readonly<Record<FrameAction, string>> = {
  slider: '#budget-slider',
  brush: '#timeline .minimap',
  hover: '#timeline .chart',
  scroll: '#layers .treegrid',
  jump: '#layers .treegrid',
};

export interface FrameTimes {
  /** By move: from the event, and from the first callback of its frame, to the ends of their work, paint and all. */
  readonly workMs: readonly number[];
  /** Mean over the moves of what the main thread's tasks took of the processor: other processes do not count. */
  readonly processorMs: number;
}

/** Makes so many moves in the view, a frame each. */
export async function measureFrames(page: Page, action: FrameAction, moves: number): Promise<FrameTimes> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const taskSeconds = async (): Promise<number> => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
  };
  const before = await taskSeconds();
  const workMs = await page.locator(targets[action]).evaluate(makeMoves, { action, count: moves });
  const processorMs = (1000 * ((await taskSeconds()) - before)) / moves;
  await cdp.detach();
  return { workMs, processorMs };
}

/** Runs in the view, so everything it needs is in it. */
async function makeMoves(element: Element, { action, count }: { action: FrameAction; count: number }) {
  const { left, width, top, height } = element.getBoundingClientRect();
  const acts: Record<FrameAction, (part: number) => void> = {
    slider(part) {
      const slider = element as HTMLInputElement;
      const [min, max] = [Number(slider.min), Number(slider.max)];
      slider.value = String(max - (max - min) * part);
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    },
    // A window over the minimap, drawn a little further each time.
    brush(part) {
      const at = (x: number): MouseEventInit => {
        const clientX = left + width * x;
        return { clientX, clientY: top + 8, bubbles: true, cancelable: true, view: window };
      };
      element.querySelector('.overlay')?.dispatchEvent(new MouseEvent('mousedown', at(0.1)));
      window.dispatchEvent(new MouseEvent('mousemove', at(0.15 + 0.7 * part)));
      window.dispatchEvent(new MouseEvent('mouseup', at(0.15 + 0.7 * part)));
    },
    hover(part) {
      const clientX = left + width * (0.1 + 0.8 * part);
      const init = { clientX, clientY: top + height * 0.6, bubbles: true };
      element.querySelector('.brush')?.dispatchEvent(new PointerEvent('pointermove', init));
    },
    // A hard flick of a wheel: ten rows a frame.
    scroll() {
      element.scrollTop += 280;
    },
    // The scroll bar's thumb is dragged.
    jump(part) {
      element.scrollTop = part * (element.scrollHeight - element.clientHeight);
    },
  };
  const times: number[] = [];
  for (let move = 1; move <= count; move++) {
    const start = performance.now();
    acts[action](move / (count + 1));
    const handled = performance.now();
    const frame = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
    // A message is delivered after the frame's callbacks, style, layout and paint.
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve();
      port2.postMessage(undefined);
    });
    times.push(handled - start + (performance.now() - Math.max(frame, handled)));
  }
  return times;
}
