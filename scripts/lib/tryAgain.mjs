import { setTimeout as sleep } from 'node:timers/promises';

const pauseMs = 5000;

/**
 * Does what a network may let down, and once more where it fails; the second failure is thrown.
 * @template T
 * @param {string} what for the line that says that it is tried again
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function tryAgain(what, work) {
  try {
    return await work();
  } catch (error) {
    console.error(`${what} failed, and is tried again: ${error.message.trim().split('\n').at(-1)}`);
    await sleep(pauseMs);
    return work();
  }
}
