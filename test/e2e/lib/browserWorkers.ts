import assert from 'node:assert/strict';
import type { Browser, CDPSession } from 'playwright-core';

/** What the browser's threads are called, also those that other threads started. */
export async function workerNames(browser: Browser | null): Promise<readonly string[]> {
  return withSession(browser, async (session) => (await workers(session)).map(({ title }) => title));
}

/** Makes a thread fail as it would by a defect of its own: with an error that nothing in it catches. */
export async function crashWorker(browser: Browser | null, name: string): Promise<void> {
  await withSession(browser, async (session) => {
    const worker = (await workers(session)).find(({ title }) => title.endsWith(name));
    assert.ok(worker, `${name} runs`);
    const { sessionId } = await session.send('Target.attachToTarget', { targetId: worker.targetId });
    const expression = `setTimeout(() => { throw new Error('crashed by a test'); })`;
    const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } });
    await session.send('Target.sendMessageToTarget', { sessionId, message });
  });
}

async function withSession<T>(browser: Browser | null, use: (session: CDPSession) => Promise<T>): Promise<T> {
  assert.ok(browser, 'a browser that this process started');
  const session = await browser.newBrowserCDPSession();
  try {
    return await use(session);
  } finally {
    await session.detach();
  }
}

const workers = async (session: CDPSession) =>
  (await session.send('Target.getTargets', { filter: [{ type: 'worker' }] })).targetInfos;
