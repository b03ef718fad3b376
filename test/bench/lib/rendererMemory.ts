import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';

export interface RendererMemory {
  /** What scripts hold, once collected; array buffers are outside of it. */
  readonly heapMiB: number;
  /** What the page's process holds for itself: heap, array buffers, pictures, the browser's own. */
  readonly processMiB: number;
}

/** Memory of the page and of its process, which is the browser's largest renderer. Linux only. */
export async function rendererMemory(browser: Browser, page: Page): Promise<RendererMemory> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  await cdp.detach();
  const ofBrowser = await browser.newBrowserCDPSession();
  const { processInfo } = await ofBrowser.send('SystemInfo.getProcessInfo');
  await ofBrowser.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => anonymousMiB(id));
  return {
    heapMiB: (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 2 ** 20,
    processMiB: Math.max(...renderers),
  };
}

/** Resident memory of a process that no file backs. */
function anonymousMiB(pid: number): number {
  const kib = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib ?? 0) / 1024;
}
