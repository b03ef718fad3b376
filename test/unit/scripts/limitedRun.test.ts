import { expect, test } from 'vitest';
import { limitedRun } from '../../../scripts/lib/limitedRun.mjs';

const node = (program: string, limitMs: number) =>
  limitedRun(process.execPath, ['-e', program], { limitMs, quiet: true });

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('tells what a command printed, and its exit code', async () => {
  expect(await node("console.log('out'); process.exitCode = 3", 60_000)).toEqual({
    code: 3,
    output: 'out\n',
  });
});

test('ends what hangs with all that it started, and says so', async () => {
  const { code, output } = await node(
    "console.log(require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']).pid);" +
      'setInterval(() => {}, 1000)',
    3000,
  );
  expect(code).not.toBe(0);
  expect(output).toMatch(/did not end within 0.05 minutes: stopped/);
  const [started] = /^\d+$/m.exec(output)!;
  await expect.poll(() => isRunning(Number(started)), { timeout: 60_000 }).toBe(false);
});

test('a command that cannot be started fails with its name', async () => {
  const { code, output } = await limitedRun('no-such-command', [], { limitMs: 60_000, quiet: true });
  expect(code).not.toBe(0);
  expect(output).toContain('no-such-command');
});
