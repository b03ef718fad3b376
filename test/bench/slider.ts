import { cpSync } from 'node:fs';
import path from 'node:path';
import { chromium, type CDPSession } from 'playwright-core';
import type { Environment } from '../e2e/lib/environment';
import { openModel } from '../e2e/lib/openModel';
import { Workbench } from '../e2e/lib/workbench';
import { printTable } from './lib/table';
import { ms, quantile } from './lib/timing';

const models = ['unet.train.onnx', 'resnet50.train.onnx', 'gpt2_small.train.onnx', 'bert_base.train.onnx'];
const moves = 60;

interface Move {
  /** From the input event to the end of the frame that shows it: includes the wait for the next frame. */
  readonly latencyMs: number;
  /** Time the main thread was busy with it. */
  readonly busyMs: number;
}

/** Moves the slider of the real view in a real VS Code, and looks how long each move takes to be on screen. */
export async function benchSlider(environment: Environment): Promise<void> {
  const workspace = path.join(environment.temporaryFolder, 'bench');
  cpSync(path.join(environment.repoRoot, 'samples'), workspace, { recursive: true });
  const browser = await chromium.launch({
    executablePath: environment.browserPath,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  const workbench = new Workbench(page, environment.serverUrl);
  await workbench.open(workspace);
  const rows: string[][] = [];
  for (const model of models) {
    const view = await openModel(workbench, model);
    const before = await mainThread(cdp);
    const sample = await view.slider.evaluate(moveSlider, moves);
    const after = await mainThread(cdp);
    const column = (pick: (move: Move) => number, share: number): string =>
      ms(quantile(sample.map(pick), share));
    rows.push([
      model,
      column((move) => move.busyMs, 0.5),
      column((move) => move.busyMs, 0.95),
      column((move) => move.latencyMs, 0.5),
      column((move) => move.latencyMs, 0.95),
      ms((after.scriptMs - before.scriptMs) / moves),
      ms((after.styleMs - before.styleMs) / moves),
    ]);
    await workbench.closeActiveEditor();
  }
  await browser.close();
  printTable(
    `Slider input to repaint, ms, ${moves} moves, drawn by the processor (aim: 16 ms at 500 operators)`,
    ['model', 'busy p50', 'busy p95', 'latency p50', 'latency p95', 'script mean', 'style and layout mean'],
    rows,
  );
}

/** What the main thread, which VS Code's window and the view share, has spent so far. */
async function mainThread(cdp: CDPSession): Promise<{ scriptMs: number; styleMs: number }> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const seconds = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return {
    scriptMs: 1000 * seconds('ScriptDuration'),
    styleMs: 1000 * (seconds('RecalcStyleDuration') + seconds('LayoutDuration')),
  };
}

/** Runs in the view: sweeps the slider through its range, one move a frame. */
async function moveSlider(element: Element, count: number): Promise<Move[]> {
  const slider = element as HTMLInputElement;
  const [min, max] = [Number(slider.min), Number(slider.max)];
  const sample: Move[] = [];
  for (let move = 0; move < count; move++) {
    const start = performance.now();
    slider.value = String(max - ((max - min) * (move + 1)) / (count + 1));
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    const handled = performance.now();
    const frame = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
    // A message is delivered after the frame's callbacks, style, layout and paint.
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve();
      port2.postMessage(undefined);
    });
    const shown = performance.now();
    sample.push({ latencyMs: shown - start, busyMs: handled - start + (shown - Math.max(frame, handled)) });
  }
  return sample;
}
