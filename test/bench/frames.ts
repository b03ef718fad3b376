import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium, type CDPSession, type Locator } from 'playwright-core';
import type { Environment } from '../e2e/lib/environment';
import { HeadroomView } from '../e2e/lib/headroomView';
import { Workbench } from '../e2e/lib/workbench';
import { decoderTransformer } from '../fixtures/generatedModels/decoderTransformer';
import { onnxFile } from '../fixtures/onnx-builder/onnx';
import { printTable } from './lib/table';
import { ms, quantile } from './lib/timing';

/** Generated decoders with about so many operators. */
const sizes = [500, 3000, 10_000];
const moves = 40;
const longestOpeningMs = 300_000;
const bundleNames = ['webview.js', 'webview.css', 'extension.js', 'plannerWorker.js', 'solverWorker.js'];

/** Frame times of the view in a real VS Code: dragging the slider, brushing along the minimap, scrolling the layers. */
export async function benchFrames(environment: Environment): Promise<void> {
  const workspace = path.join(environment.temporaryFolder, 'frames');
  mkdirSync(path.join(workspace, '.vscode'), { recursive: true });
  cpSync(path.join(environment.repoRoot, 'samples/README.md'), path.join(workspace, 'README.md'));
  for (const size of sizes) {
    writeFileSync(path.join(workspace, `decoder${size}.onnx`), onnxFile(decoderTransformer(size)));
  }
  const browser = await chromium.launch({
    executablePath: environment.browserPath,
    args: ['--no-sandbox', '--disable-gpu', '--enable-precise-memory-info'],
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  page.setDefaultTimeout(longestOpeningMs);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  const workbench = new Workbench(page, environment.serverUrl);
  await workbench.open(workspace);
  const frames: string[][] = [];
  const openings: string[][] = [];
  for (const size of sizes) {
    const model = `decoder${size}.onnx`;
    const heapBefore = await heapMiB(cdp);
    const start = performance.now();
    await workbench.openFromExplorer(model);
    const view = new HeadroomView(page, workbench.webview());
    await view.timeline.locator('canvas').waitFor({ timeout: longestOpeningMs });
    const firstTimelineMs = performance.now() - start;
    await view.frame.locator('#sentence:not(:empty)').waitFor({ timeout: longestOpeningMs });
    const firstSentenceMs = performance.now() - start;
    await view.ready();
    const lastComputation = Number(
      (await view.timeline.locator('.chart').getAttribute('aria-valuemax')) ?? 0,
    );
    for (const [action, times] of [
      ['slider', await timesOf(view.slider, 'slider')],
      ['brush', await timesOf(view.timeline.locator('.minimap'), 'brush')],
      ['hover', await timesOf(view.timeline.locator('.chart'), 'hover')],
      ['scroll', await timesOf(view.grid, 'scroll')],
    ] as const) {
      frames.push([model, action, ms(quantile(times, 0.5)), ms(quantile(times, 0.95))]);
    }
    openings.push([
      model,
      String(lastComputation + 1),
      ms(firstTimelineMs),
      ms(firstSentenceMs),
      ((await heapMiB(cdp)) - heapBefore).toFixed(0),
    ]);
    await workbench.closeActiveEditor();
  }
  await browser.close();
  printTable(
    `From the event to the end of the work for its frame, ms, ${moves} moves, drawn by the processor`,
    ['model', 'move', 'p50', 'p95'],
    frames,
  );
  printTable(
    'From the click in the explorer, ms, and what the window has more on its heap then',
    ['model', 'computations', 'first timeline', 'first sentence', 'heap MiB'],
    openings,
  );
  printTable(
    'Bundles, kB',
    ['file', 'size', 'gzip'],
    bundleNames.map((name) => {
      const bytes = readFileSync(path.join(environment.repoRoot, 'dist', name));
      return [name, (bytes.length / 1e3).toFixed(0), (gzipSync(bytes).length / 1e3).toFixed(0)];
    }),
  );
}

/** What scripts of the window hold, once collected: VS Code's and the view's. */
async function heapMiB(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 2 ** 20;
}

type Action = 'slider' | 'brush' | 'hover' | 'scroll';

/** Work in milliseconds for each of the moves, without the wait for the next frame. */
const timesOf = (target: Locator, action: Action): Promise<number[]> =>
  target.evaluate(measured, { action, count: moves });

/** Runs in the view, so everything it needs is in it. */
async function measured(element: Element, { action, count }: { action: Action; count: number }) {
  const { left, width, top, height } = element.getBoundingClientRect();
  const acts: Record<Action, (part: number) => void> = {
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
    scroll(part) {
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
