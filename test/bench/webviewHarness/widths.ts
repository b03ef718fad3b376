import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { launch, open, type Bundle } from './servedPage';

/** Of editors: full screen, half of one, beside a chat, as narrow as the view is made for. */
const widths = [1440, 1040, 960, 700];

/** The view at several widths in every theme, with the export menu open. */
export async function widthShots(bundle: Bundle, outDir: string): Promise<void> {
  const name = 'gpt2_small.train.onnx';
  const base64 = readFileSync(path.join(process.cwd(), 'samples', name)).toString('base64');
  const browser = await chromium.launch(launch);
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error('page error:', error.message));
  for (const theme of ['dark', 'light', 'high-contrast', 'high-contrast-light'] as const) {
    await page.setViewportSize({ width: widths[0], height: 900 });
    await open(page, bundle, theme, {
      model: { name, base64 },
      workload: { dims: { batch: 16, seq: 1024 }, optimizer: 'adamw', precision: 'bf16-autocast' },
      budgetGiB: 16,
    });
    await page.locator('#timeline canvas').waitFor({ timeout: 120_000 });
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(300);
      await page.screenshot({ path: path.join(outDir, `width-${width}-${theme}.png`) });
      await page.locator('.menu-anchor vscode-button').click();
      await page.screenshot({ path: path.join(outDir, `menu-${width}-${theme}.png`) });
      await page.keyboard.press('Escape');
      console.log(`wrote width-${width}-${theme}.png and its menu`);
    }
  }
  await browser.close();
}
