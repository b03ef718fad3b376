import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long what was asked to end may take to clean up. */
const graceMs = 10_000;

/**
 * Starts a command in a process group of its own, so that it can be ended with all that it started. The group ends with
 * this process at the latest.
 * @returns {{child: import('node:child_process').ChildProcess, ended: Promise<void>, stop: () => Promise<void>}} `stop`
 *   asks it to end, and after a while no longer asks
 */
export function spawnGroup(command, args, options) {
  // Windows has no groups of this kind, and would open a window.
  const detached = process.platform !== 'win32';
  const child = spawn(command, args, { ...options, detached });
  const kill = (signal) => {
    if (!detached) return void child.kill(signal);
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  };
  const killOnExit = () => kill('SIGKILL');
  // Before whatever else cleans up: files must not be written while they are removed.
  process.prependOnceListener('exit', killOnExit);
  const ended = new Promise((resolve) => {
    const done = () => {
      process.removeListener('exit', killOnExit);
      resolve();
    };
    child.once('error', done);
    child.once('close', done);
  });
  const stop = async () => {
    kill('SIGTERM');
    await Promise.race([ended, sleep(graceMs, undefined, { ref: false })]);
    kill('SIGKILL');
    await ended;
  };
  return { child, ended, stop };
}
