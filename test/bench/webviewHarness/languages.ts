import { readdirSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { launch, open, type Bundle } from './servedPage';
import type { PageRequest } from './page';

const request: PageRequest = {
  synthetic: { blocks: 12, hiddenMiB: 48 },
  workload: {
    dims: { batch: 16, seq: 1024 },
    optimizer: 'adamw',
    precision: 'bf16-autocast',
    loss: 'cross-entropy',
  },
  budgetGiB: 12,
};

/** Panels that are shut at first, by the id of what opens them. */
const panels = ['goals', 'machine', 'split', 'scale', 'sizes', 'step-settings'];

/** Words of controls and headings that have too little room: there a translation has to be shorter, or the room larger. */
function cutTexts(): string[] {
  const holders = 'button, label, h2, h3, dt, th, [role="columnheader"], .chip-caption, .setting-title';
  return [...document.querySelectorAll<HTMLElement>(holders)]
    .filter((one) => one.checkVisibility() && one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1)
    .filter((one) => getComputedStyle(one).overflowX !== 'visible')
    .map((one) => one.textContent.trim());
}

/**
 * Pictures of every translation, wide and narrow, with the panels open: words may be longer or shorter than the English ones.
 * Needs fonts for the languages on the machine.
 */
export async function languages(bundle: Bundle, outDir: string): Promise<void> {
  const browser = await chromium.launch(launch);
  for (const file of readdirSync('l10n')) {
    const [, language] = /^bundle\.l10n\.(.+)\.json$/.exec(file) ?? [];
    if (!language) continue;
    for (const width of [1440, 720]) {
      const page = await browser.newPage({ viewport: { width, height: width > 1000 ? 900 : 1400 } });
      page.on('pageerror', (error) => console.error('page error:', error.message));
      const shot = async (name: string): Promise<void> => {
        for (const text of await page.evaluate(cutTexts)) console.log(`  cut in ${name}: ${text}`);
        await page.screenshot({ path: path.join(outDir, `${language}-${name}-${width}.png`) });
        console.log(`wrote ${language}-${name}-${width}.png`);
      };
      await open(page, bundle, 'light', { ...request, language });
      await page.locator('#timeline canvas').waitFor();
      await page.waitForTimeout(600);
      await page.locator('#layers [role="row"][data-kind="module"]').nth(1).click();
      await page.waitForTimeout(300);
      await shot('view');
      for (const panel of panels) {
        const button = page.locator(`#${panel}-button`);
        if (!(await button.isVisible())) continue;
        await button.click();
        await page.waitForTimeout(300);
        await shot(panel);
        await button.click();
      }
      await open(page, bundle, 'light', { ...request, budgetGiB: 4, language });
      await page.waitForTimeout(800);
      await shot('infeasible');
      await open(page, bundle, 'light', {
        ...request,
        machine: 'workstation-4090-t4',
        objective: 'throughput',
        language,
      });
      await page.waitForTimeout(1500);
      await shot('placement');
      await page.close();
    }
  }
  await browser.close();
}
