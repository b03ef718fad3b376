import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import type { Environment } from '../e2e/lib/environment';
import { HeadroomView } from '../e2e/lib/headroomView';
import { Workbench } from '../e2e/lib/workbench';
import { decoderTransformer } from '../fixtures/generatedModels/decoderTransformer';
import { onnxFile } from '../fixtures/onnx-builder/onnx';
import { printTable } from './lib/table';
import { ms } from './lib/timing';

/** Generated decoders with about so many operators, and how much longer than a picture each may take to its first sentence. */
const models = [
  { file: 'decoder500a.onnx', operators: 500, barMs: 1500 },
  { file: 'decoder500b.onnx', operators: 500, barMs: 1500 },
  { file: 'decoder3000.onnx', operators: 3000, barMs: 3000 },
  { file: 'decoder10000.onnx', operators: 10_000, barMs: 5000 },
];
const picture = 'media/icon.png';
/** The fastest window of each kind counts: what else the machine does only makes openings slower. */
const windows = 2;
const longestOpeningMs = 300_000;
/** What each bundle is to stay under as it is shipped, in kB. */
const bundles = {
  'webview.js': 600,
  'webview.css': 75,
  'extension.js': 150,
  'plannerWorker.js': 1100,
  'solverWorker.js': 150,
};

/**
 * From the click on a file in a real VS Code to its first timeline and its first sentence, beside what VS Code itself takes
 * to show a picture at the same place of a window; and what is shipped.
 */
export async function benchOpeningInEditor(environment: Environment): Promise<void> {
  const workspace = path.join(environment.temporaryFolder, 'opening');
  mkdirSync(path.join(workspace, '.vscode'), { recursive: true });
  cpSync(path.join(environment.repoRoot, 'samples/README.md'), path.join(workspace, 'README.md'));
  for (const { file, operators } of models)
    writeFileSync(path.join(workspace, file), onnxFile(decoderTransformer(operators)));
  const pictures = models.map((_, i) => `picture${i}.png`);
  for (const file of pictures) cpSync(path.join(environment.repoRoot, picture), path.join(workspace, file));

  const pictureMs: number[][] = [];
  const timelineMs: number[][] = [];
  const sentenceMs: number[][] = [];
  for (let run = 0; run < windows; run++) {
    await inNewWindow(environment, workspace, async (workbench) => {
      for (const [i, file] of pictures.entries()) {
        const shown = await openFile(workbench, file);
        (pictureMs[i] ??= []).push(await shown('img'));
        await workbench.closeActiveEditor();
      }
    });
    await inNewWindow(environment, workspace, async (workbench) => {
      for (const [i, { file }] of models.entries()) {
        const shown = await openFile(workbench, file);
        const [timeline, sentence] = await Promise.all([
          shown('#timeline canvas'),
          shown('#sentence:not(:empty)'),
        ]);
        (timelineMs[i] ??= []).push(timeline);
        (sentenceMs[i] ??= []).push(sentence);
        await new HeadroomView(workbench.page, workbench.webview()).ready();
        await workbench.closeActiveEditor();
      }
    });
  }
  printTable(
    `From the click in the explorer of a real VS Code, ms, fastest of ${windows} windows; the first one starts extension and worker too`,
    [
      'model',
      'operators',
      'first timeline',
      'first sentence',
      'picture',
      'sentence − picture',
      'bar',
      'within',
    ],
    models.map(({ file, operators, barMs }, i) => {
      const sentence = Math.min(...sentenceMs[i]);
      const floor = Math.min(...pictureMs[i]);
      const own = sentence - floor;
      return [
        file,
        String(operators),
        ms(Math.min(...timelineMs[i])),
        ms(sentence),
        ms(floor),
        ms(own),
        `≤ ${barMs}`,
        own <= barMs ? 'yes' : 'no',
      ];
    }),
  );
  printTable(
    'Bundles, kB',
    ['file', 'size', 'gzip', 'bar', 'within'],
    Object.entries(bundles).map(([name, bar]) => {
      const bytes = readFileSync(path.join(environment.repoRoot, 'dist', name));
      const kB = bytes.length / 1e3;
      const gzip = (gzipSync(bytes).length / 1e3).toFixed(0);
      return [name, kB.toFixed(0), gzip, `≤ ${bar}`, kB <= bar ? 'yes' : 'no'];
    }),
  );
}

/** A window of its own: VS Code prepares webviews when a window opens its first one. */
async function inNewWindow(
  { browserPath, serverUrl }: Environment,
  workspace: string,
  use: (workbench: Workbench) => Promise<void>,
): Promise<void> {
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
    page.setDefaultTimeout(longestOpeningMs);
    const workbench = new Workbench(page, serverUrl);
    await workbench.open(workspace);
    await use(workbench);
  } finally {
    await browser.close();
  }
}

/** Clicks on a file; the function returned tells when something is on its page, in ms since the click. */
async function openFile(workbench: Workbench, file: string): Promise<(selector: string) => Promise<number>> {
  const start = performance.now();
  await workbench.openFromExplorer(file);
  return async (selector) => {
    await workbench.webview().locator(selector).waitFor();
    return performance.now() - start;
  };
}
