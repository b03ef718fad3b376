import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Frame, Page } from 'playwright-core';

declare const axe: { run(context: Document, options: RunOptions): Promise<AxeResults> };

/** WCAG 2.2 at levels A and AA, and what axe's authors count as good practice. */
const rules: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
};

/** The document of the view: what VS Code wraps around it is its own. */
async function viewFrame(page: Page): Promise<Frame> {
  const element = await page
    .locator('iframe.webview.ready:visible')
    .first()
    .contentFrame()
    .locator('iframe#active-frame')
    .elementHandle();
  const frame = await element?.contentFrame();
  if (!frame) throw new Error('no view is on screen');
  return frame;
}

/** What axe finds wrong in the view, one line an element: the rule, where, and why. */
export async function accessibilityViolations(page: Page, repoRoot: string): Promise<readonly string[]> {
  const frame = await viewFrame(page);
  await frame.evaluate(readFileSync(path.join(repoRoot, 'node_modules/axe-core/axe.min.js'), 'utf8'));
  const { violations } = await frame.evaluate((options) => axe.run(document, options), rules);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary, html }) => {
      const why = (failureSummary ?? '').replace(/\s+/g, ' ').slice(0, 300);
      return `${id}: ${target.join(' ')} ${html.slice(0, 160)}: ${why}`;
    }),
  );
}

/**
 * What moves by itself or glides in the view, shown or not, one line an element; parts of a control only where the control is not
 * taken away. The browser asks for less motion.
 */
export async function movingElements(page: Page): Promise<readonly string[]> {
  const frame = await viewFrame(page);
  return frame.evaluate(() => {
    const takesTime = (seconds: string): boolean =>
      seconds.split(',').some((text) => parseFloat(text) * (text.trim().endsWith('ms') ? 0.001 : 1) > 0.01);
    const movingIn = (root: ParentNode): string[] =>
      [...root.querySelectorAll('*')].flatMap((element) => {
        const style = getComputedStyle(element);
        const moves = style.animationName !== 'none' && takesTime(style.animationDuration);
        const name = `${element.tagName} ${element.getAttribute('class')} ${style.animationName}`;
        return [
          ...(moves || takesTime(style.transitionDuration) ? [name] : []),
          ...(element.shadowRoot && style.display !== 'none' ? movingIn(element.shadowRoot) : []),
        ];
      });
    return movingIn(document);
  });
}

/** How far the view is wider than the window that shows it, in pixels: then it must be scrolled in two directions. */
export async function overflowPx(page: Page): Promise<number> {
  const frame = await viewFrame(page);
  return frame.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
