import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `work` while no other process of this machine works under the same name. The lock is a socket in Linux' abstract
 * namespace: the kernel takes it back when its holder ends, however it ends, so there are no stale locks.
 */
export async function withLock(name, work) {
  const address = `\0headroom-${createHash('sha256').update(name).digest('hex').slice(0, 24)}`;
  let server;
  for (let announced = false; !(server = await tryListen(address)); announced = true) {
    if (!announced) console.error(`Waiting for another process that works in ${name} ...`);
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

function tryListen(address) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(address, () => resolve(server));
  });
}
