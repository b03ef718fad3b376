import type { Locator, Page } from 'playwright-core';

const mostStops = 80;

/** Presses Tab until the element has the focus, as a keyboard user would. */
export async function tabTo(target: Locator, page: Page): Promise<void> {
  for (let stop = 0; stop < mostStops; stop++) {
    if (await target.evaluate((element) => element.ownerDocument.activeElement === element)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`not reached within ${mostStops} presses of Tab: ${String(target)}`);
}
