import { chromium } from 'playwright-core';
import { decoderTransformer } from '../fixtures/generatedModels/decoderTransformer';
import { onnxFile } from '../fixtures/onnx-builder/onnx';
import { MemoryByteSource } from '../../planner-core/bytes/byteSource';
import { defaultDeviceName, findDevice } from '../../planner-core/devices/catalogue';
import { defaultPlanInputs } from '../../planner-core/plan/planInputs';
import { PlannerSession } from '../../planner-core/session/plannerSession';
import { keepEverything } from '../../planner-core/simulator/schedule';
import { compileSchedule } from '../../planner-core/simulator/compileSchedule';
import { tensorLives } from '../../planner-core/simulator/tensorLives';
import { frameActions, measureFrames } from './lib/frameMoves';
import { rendererMemory } from './lib/rendererMemory';
import { printTable } from './lib/table';
import { ms, quantile } from './lib/timing';
import { recordingOf, recordingText, type Recording } from './webviewHarness/recording';
import { bundlePage, launch, serve } from './webviewHarness/servedPage';
import { SyntheticPlanner } from './webviewHarness/syntheticPlanner';

/** Generated decoders with about so many operators, and what a move may take of a frame. */
const decoders = [
  { operators: 500, barMs: 16 },
  { operators: 3000, barMs: 50 },
  { operators: 10_000, barMs: 50 },
];
/** Made-up steps whose timeline has about so many tensors. */
const tensorCounts = [15_000, 50_000];
const frameMs = 1000 / 60;
const moves = 40;
const warmUpMoves = 8;
const openedWithinMs = 1000;
const memoryBarMiB = 300;

interface Case {
  readonly name: string;
  readonly recording: Recording;
  /** What moving the slider may take; everything else is to fit a frame of 60 a second. */
  readonly sliderBarMs: number;
}

/**
 * Frame times and memory of the view alone, in the browser the tests use: slider, brush along the minimap, hover, and
 * scrolling through the layers with every module open.
 */
export async function benchFrames(): Promise<void> {
  const bundle = await bundlePage('test/bench/webviewHarness/recordedPage.ts');
  const browser = await chromium.launch({
    ...launch,
    args: [...launch.args, '--enable-precise-memory-info'],
  });
  const frames: string[][] = [];
  const openings: string[][] = [];
  try {
    const bare = await rendererMemory(browser, await browser.newPage());
    for await (const { name, recording, sliderBarMs } of cases()) {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
      await serve(page, bundle, 'dark');
      const openedMs = await page.evaluate((text) => window.startRecorded(text), recordingText(recording));
      const opened = await rendererMemory(browser, page);
      for (const action of frameActions) {
        // As in a view that has been used for a moment: what moves run is compiled.
        await measureFrames(page, action, warmUpMoves);
        const { workMs, processorMs } = await measureFrames(page, action, moves);
        const barMs = action === 'slider' ? sliderBarMs : frameMs;
        frames.push([
          name,
          action,
          ms(quantile(workMs, 0.5)),
          ms(quantile(workMs, 0.95)),
          ms(processorMs),
          `≤ ${ms(barMs)}`,
          quantile(workMs, 0.95) <= barMs ? 'yes' : 'no',
        ]);
      }
      const used = await rendererMemory(browser, page);
      openings.push([
        name,
        String(recording.step.step.nodeCount),
        String(tensorsOf(recording)),
        ms(openedMs),
        `≤ ${openedWithinMs}`,
        ...[opened, used].flatMap(({ heapMiB, processMiB }) => [heapMiB.toFixed(0), processMiB.toFixed(0)]),
        `< ${memoryBarMiB}`,
        used.processMiB < memoryBarMiB ? 'yes' : 'no',
      ]);
      await page.close();
    }
    printTable(
      `From the event to the end of the work for its frame, ms, ${moves} moves after ${warmUpMoves} others, drawn by the processor`,
      ['model', 'move', 'p50', 'p95', 'processor, mean', 'bar', 'p95 within'],
      frames,
    );
    printTable(
      `From the state's arrival to its frame, ms; memory of the view's process, MiB (an empty page's: ${bare.processMiB.toFixed(0)})`,
      ['model', 'computations', 'tensors', 'painted', 'bar'].concat([
        'heap',
        'process',
        'heap after moves',
        'process after moves',
        'bar',
        'within',
      ]),
      openings,
    );
  } finally {
    await browser.close();
  }
}

async function* cases(): AsyncGenerator<Case> {
  const spec = findDevice(defaultDeviceName)!;
  const inputs = defaultPlanInputs([{ id: 'gpu0', name: spec.name, memoryBytes: spec.memoryBytes }]);
  for (const { operators, barMs } of decoders) {
    const name = `decoder${operators}.onnx`;
    const session = PlannerSession.open(new MemoryByteSource(onnxFile(decoderTransformer(operators))), name);
    const planner = {
      summary: () => Promise.resolve(session.summary),
      configure: () => Promise.resolve(session.configure(inputs)),
      frontier: () => session.frontier(inputs),
      plan: () => session.plan(inputs),
    };
    yield { name, recording: await recordingOf(planner, inputs), sliderBarMs: barMs };
  }
  for (const tensors of tensorCounts) {
    const planner = new SyntheticPlanner(Math.ceil(tensors / 39), 1, ['gpu0']);
    const recording = await recordingOf(planner, inputs);
    yield { name: `${tensors} tensors`, recording, sliderBarMs: 50 };
  }
}

const tensorsOf = ({ step: { step } }: Recording): number =>
  tensorLives(step, compileSchedule(step, keepEverything)).count;
