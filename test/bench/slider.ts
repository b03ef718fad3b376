import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, type CDPSession } from 'playwright-core';
import type { Environment } from '../e2e/lib/environment';
import { decoderTransformer } from '../fixtures/generatedModels/decoderTransformer';
import { onnxFile } from '../fixtures/onnx-builder/onnx';
import { openModel } from '../e2e/lib/openModel';
import { Workbench } from '../e2e/lib/workbench';
import { printTable } from './lib/table';
import { ms, quantile } from './lib/timing';

const models = ['unet.train.onnx', 'resnet50.train.onnx', 'gpt2_small.train.onnx', 'bert_base.train.onnx'];
/** Generated decoders with about so many operators. */
const generated = [500, 3000];
const moves = 60;

interface Move {
  /** From the input event to the end of the frame that shows it: includes the wait for the next frame. */
  readonly latencyMs: number;
  /** From the event and from the first callback of its frame to the ends of their work, paint and all. */
  readonly busyMs: number;
}

/** What the main thread has spent. */
interface Spent {
  /** In all of its tasks: work alone, no wait. */
  readonly taskMs: number;
  readonly scriptMs: number;
  readonly styleMs: number;
}

/** Moves the slider of the real view in a real VS Code, and looks how long each move takes to be on screen. */
export async function benchSlider(environment: Environment): Promise<void> {
  const workspace = path.join(environment.temporaryFolder, 'bench');
  cpSync(path.join(environment.repoRoot, 'samples'), workspace, { recursive: true });
  const names = generated.map((operators) => `decoder${operators}.onnx`);
  names.forEach((name, i) =>
    writeFileSync(path.join(workspace, name), onnxFile(decoderTransformer(generated[i]))),
  );
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
  for (const model of [...models, ...names]) {
    const view = await openModel(workbench, model);
    const sample: (Move & Spent)[] = [];
    // What the browser takes here for a slider whose move changes nothing else.
    const thumbs: number[] = [];
    for (let move = 1; move <= moves; move++) {
      const before = await mainThread(cdp);
      const measured = await view.slider.evaluate(moveSlider, { part: move / (moves + 1), isTold: true });
      const after = await mainThread(cdp);
      sample.push({
        ...measured,
        taskMs: after.taskMs - before.taskMs,
        scriptMs: after.scriptMs - before.scriptMs,
        styleMs: after.styleMs - before.styleMs,
      });
    }
    for (let move = 1; move <= moves; move++) {
      const untold = { part: move / (moves + 1), isTold: false };
      thumbs.push((await view.slider.evaluate(moveSlider, untold)).busyMs);
    }
    const column = (pick: (move: Move & Spent) => number, share: number): string =>
      ms(quantile(sample.map(pick), share));
    const mean = (pick: (spent: Spent) => number): string =>
      ms(sample.reduce((sum, spent) => sum + pick(spent), 0) / moves);
    rows.push([
      model,
      column((move) => move.taskMs, 0.5),
      column((move) => move.taskMs, 0.95),
      column((move) => move.busyMs, 0.5),
      column((move) => move.busyMs, 0.95),
      column((move) => move.latencyMs, 0.95),
      ms(quantile(thumbs, 0.95)),
      mean((spent) => spent.scriptMs),
      mean((spent) => spent.styleMs),
    ]);
    await workbench.closeActiveEditor();
  }
  await browser.close();
  printTable(
    `Slider input to repaint, ms, ${moves} moves, drawn by the processor (aim: 16 ms at 500 operators, 50 ms at 3,000)`,
    [
      'model',
      'tasks p50',
      'tasks p95',
      'busy p50',
      'busy p95',
      'latency p95',
      'thumb alone p95',
      'script mean',
      'style and layout mean',
    ],
    rows,
  );
}

/** What the main thread, which VS Code's window and the view share, has spent so far. */
async function mainThread(cdp: CDPSession): Promise<Spent> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const seconds = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return {
    taskMs: 1000 * seconds('TaskDuration'),
    scriptMs: 1000 * seconds('ScriptDuration'),
    styleMs: 1000 * (seconds('RecalcStyleDuration') + seconds('LayoutDuration')),
  };
}

/** Runs in the view: moves the slider to a part of its range, from the upper end; untold, only its thumb moves. */
async function moveSlider(
  element: Element,
  { part, isTold }: { part: number; isTold: boolean },
): Promise<Move> {
  const slider = element as HTMLInputElement;
  const [min, max] = [Number(slider.min), Number(slider.max)];
  // Asked for before the view asks for its own: runs first in the same frame.
  const begun = new Promise<number>((resolve) => requestAnimationFrame(() => resolve(performance.now())));
  const start = performance.now();
  slider.value = String(max - (max - min) * part);
  if (isTold) slider.dispatchEvent(new Event('input', { bubbles: true }));
  const handled = performance.now();
  const frame = await begun;
  // A message is delivered after the frame's callbacks, style, layout and paint.
  await new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve();
    port2.postMessage(undefined);
  });
  const shown = performance.now();
  return { latencyMs: shown - start, busyMs: handled - start + (shown - frame) };
}
