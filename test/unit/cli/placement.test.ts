import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const model = path.join(root, 'samples/tiny_mlp.train.onnx');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headroom-placement-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command in the temporary folder. */
function headroom(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const command = [path.join(root, 'scripts/headroom.mjs'), ...args];
  return spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
}

const plan = (...args: string[]) =>
  headroom('plan', model, '--dim', 'batch=64', '--budget', '1GiB', '--out', 'tiny.plan.json', ...args);

const link = { name: 'custom', gbPerS: 5, latencyMs: 0, shared: false };
const devices = ['a', 'b', 'c', 'd'].map((id) => ({ id, name: 'T4', memoryBytes: 2 ** 30 }));
function machine(name: string, content: object): string {
  writeFileSync(path.join(folder, name), JSON.stringify(content));
  return name;
}

describe.each(['latency', 'throughput'])('plan --objective %s', (objective) => {
  test('says time, bound and rules, and writes a plan that is confirmed', () => {
    const { stdout, status } = plan('--machine', 'workstation-4090-t4', '--objective', objective);
    expect(status).toBe(0);
    expect(stdout).toMatch(objective === 'latency' ? /^step /m : /^a step every/m);
    expect(stdout).toMatch(/^proven  +no placement (is faster$|takes less than .* less\)$)/m);
    expect(stdout).toMatch(/HEFT/);
    expect(JSON.parse(readFileSync(path.join(folder, 'tiny.plan.json'), 'utf8'))).toMatchObject({
      objective,
    });
    const checked = headroom('check', 'tiny.plan.json', '--model', model);
    const lines = checked.stdout.trim().split('\n');
    expect([lines[0], lines[lines.length - 1], checked.status]).toEqual([
      'schema, fingerprint and prediction agree',
      'ok',
      0,
    ]);
  });

  test.each([
    [
      'bad-machine: No link leads from a to c.',
      2,
      {
        devices,
        links: [
          { ...link, between: ['a', 'b'] },
          { ...link, between: ['c', 'd'] },
        ],
      },
    ],
    ['links[0].gbPerS is not positive', 2, { devices, links: [{ ...link, between: ['a', 'b'], gbPerS: 0 }] }],
    ['bad-machine', 2, { devices, links: [{ ...link, between: ['a', 'nowhere'] }] }],
  ])('refuses a machine: %s', (message, code, content) => {
    const { stderr, status } = plan('--machine', machine('m.json', content), '--objective', objective);
    expect(stderr).toContain(message);
    expect(status).toBe(code);
  });

  test('names the layer that no device can hold, and pins that are wrong', () => {
    const small = machine('small.json', {
      devices: devices.map((each) => ({ ...each, memoryBytes: 50_000 })),
    });
    const args = ['--machine', small, '--objective', objective];
    const tight = plan(...args, '--budget', '50kB');
    expect(tight.stderr).toMatch(
      /^infeasible: \/0\/Gemm needs 785 KiB with what shares its device and does not fit on any device/m,
    );
    expect(tight.status).toBe(1);
    const lost = plan(...args, '--pin', 'nothing=a');
    expect(lost.stderr).toContain('unknown-module: The model has no module "nothing".');
    expect(lost.status).toBe(2);
    const torn = plan(...args, '--pin', '1=a', '--pin', '1=keep', '--pin', '1=b');
    expect(torn.stderr).toContain('bad-usage: --pin 1=a and --pin 1=b contradict each other.');
    expect(torn.status).toBe(2);
  });
});
