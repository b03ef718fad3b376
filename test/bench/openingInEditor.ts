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

/** Generated decoders with about so many operators; the first one also starts the extension and its worker. */
const sizes = [500, 500, 3000, 10_000];
const longestOpeningMs = 300_000;
const timelineBarMs = 5000;
/** What each bundle is to stay under as it is shipped, in kB. */
const bundles = {
  'webview.js': 600,
  'webview.css': 75,
  'extension.js': 150,
  'plannerWorker.js': 1100,
  'solverWorker.js': 150,
};

/** From the click on a file in a real VS Code to its first timeline and its first sentence; and what is shipped. */
export async function benchOpeningInEditor(environment: Environment): Promise<void> {
  const workspace = path.join(environment.temporaryFolder, 'opening');
  mkdirSync(path.join(workspace, '.vscode'), { recursive: true });
  cpSync(path.join(environment.repoRoot, 'samples/README.md'), path.join(workspace, 'README.md'));
  const models = sizes.map((size, i) => ({ size, file: `decoder${size}${'ab'[i] ?? ''}.onnx` }));
  for (const { size, file } of models) {
    writeFileSync(path.join(workspace, file), onnxFile(decoderTransformer(size)));
  }
  const browser = await chromium.launch({
    executablePath: environment.browserPath,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const openings: string[][] = [];
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
    page.setDefaultTimeout(longestOpeningMs);
    const workbench = new Workbench(page, environment.serverUrl);
    await workbench.open(workspace);
    for (const { size, file } of models) {
      const start = performance.now();
      await workbench.openFromExplorer(file);
      const view = new HeadroomView(page, workbench.webview());
      const shown = async (selector: string): Promise<number> => {
        await view.frame.locator(selector).waitFor();
        return performance.now() - start;
      };
      const [timelineMs, sentenceMs] = await Promise.all([
        shown('#timeline canvas'),
        shown('#sentence:not(:empty)'),
      ]);
      openings.push([
        file,
        String(size),
        ms(timelineMs),
        ms(sentenceMs),
        `≤ ${timelineBarMs}`,
        Math.max(timelineMs, sentenceMs) <= timelineBarMs ? 'yes' : 'no',
      ]);
      await view.ready();
      await workbench.closeActiveEditor();
    }
  } finally {
    await browser.close();
  }
  printTable(
    'From the click in the explorer of a real VS Code, ms; the first one starts extension and worker too',
    ['model', 'operators', 'first timeline', 'first sentence', 'bar', 'within'],
    openings,
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
