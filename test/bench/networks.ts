import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { MemoryByteSource } from '../../planner-core/bytes/byteSource';
import { deviceNamed } from '../../planner-core/devices/catalogue';
import { linkBetween } from '../../planner-core/devices/linkCatalogue';
import type { Machine } from '../../planner-core/devices/machine';
import { PlannerSession } from '../../planner-core/session/plannerSession';
import type { PlacementView } from '../../planner-core/session/types';
import { onnxFile } from '../fixtures/onnx-builder/onnx';
import { randomlyWiredCnn } from './lib/randomlyWiredCnn';
import { printTable } from './lib/table';
import { ms, quantile } from './lib/timing';

const truthNetworks = ['resnet50', 'googlenet', 'mobilenet_v2', 'unet'];
const seeds = [1, 2];
const batch = 8;

const machineOf = (gpus: readonly [name: string, link: string][], cpu: string): Machine => {
  const names = [...gpus.map(([name]) => name), cpu];
  const ids = [...gpus.map((_, i) => `gpu${i}`), 'cpu'];
  return {
    devices: names.map((name, i) => ({ id: ids[i], name, memoryBytes: deviceNamed(name).memoryBytes })),
    links: gpus.map(([, link], i) => linkBetween([`gpu${i}`, 'cpu'], link)),
  };
};

/** The faster GPU first. */
const machines: Readonly<Record<string, Machine>> = {
  'RTX 4090 + T4 + EPYC': machineOf(
    [
      ['RTX 4090', 'pcie4x16'],
      ['T4', 'pcie3x16'],
    ],
    'EPYC 9654 (CPU)',
  ),
  'RTX 3090 + RTX 3080 + Ryzen': machineOf(
    [
      ['RTX 3090', 'pcie4x16'],
      ['RTX 3080', 'pcie4x16'],
    ],
    'Ryzen 9 7950X (CPU)',
  ),
};

/**
 * Inference of image networks, conventional and randomly wired, on a CPU and two unlike GPUs: the least latency and the
 * shortest period against all of it on the fastest GPU, which is how DiviML (ICCAD 2023) reports more than 3 times lower
 * latency and up to 2.9 times the throughput. The last column of each pair is what no placement can exceed here: devices
 * that add little to the fastest one bound any planner, and DiviML's devices, profiles and networks are not published.
 */
export async function benchNetworks(repoRoot: string): Promise<void> {
  const networks = new Map(seeds.map((seed) => [`randomly wired ${seed}`, onnxFile(randomlyWiredCnn(seed))]));
  for (const name of truthNetworks) {
    const file = path.resolve(repoRoot, '../shared/data/truth/pytorch-1.13/onnx', `${name}.eval.onnx`);
    if (existsSync(file)) networks.set(name, new Uint8Array(readFileSync(file)));
    else console.log(`\nnetworks: ${name} left out, ${file} is not here`);
  }
  for (const [title, { devices, links }] of Object.entries(machines)) {
    const rows: string[][] = [];
    const gains: Record<'latency' | 'throughput', number[]> = { latency: [], throughput: [] };
    for (const [name, bytes] of networks) {
      const row = [name];
      for (const objective of ['latency', 'throughput'] as const) {
        const session = PlannerSession.open(new MemoryByteSource(bytes), name);
        const base = session.defaultInputs(devices);
        const workload = { ...base.workload, mode: 'inference' as const, dims: { batch } };
        const start = process.cpuUsage();
        const { placement } = await session.plan({ ...base, workload, links, objective });
        const { user, system } = process.cpuUsage(start);
        const alone = aloneMs(placement!);
        gains[objective].push(alone / placement!.timeMs);
        row.push(
          `${ms(alone)} ms`,
          `${ms(placement!.timeMs)} ms`,
          times(alone / placement!.timeMs),
          times(alone / placement!.boundMs),
          `${ms((user + system) / 1000)} ms`,
        );
      }
      rows.push(row);
    }
    const half = (name: string): string[] => ['fastest GPU', name, 'gain', 'at most', 'planned in'];
    printTable(
      `${title}: inference, batch ${batch}. Median gain: latency ${times(quantile(gains.latency, 0.5))}, ` +
        `throughput ${times(quantile(gains.throughput, 0.5))}`,
      ['network', ...half('latency'), ...half('period')],
      rows,
    );
  }
}

const times = (ratio: number): string => `× ${ratio.toFixed(2)}`;

/** All on the device that is fastest alone, as the plan's own rules have it. */
function aloneMs({ baselines }: PlacementView): number {
  const alone = baselines.filter(({ name }) => /^(all|everything) on /i.test(name));
  if (alone.length === 0)
    throw new Error(`no rule puts everything on one device: ${baselines.map(({ name }) => name).join(', ')}`);
  return Math.min(...alone.map(({ timeMs }) => timeMs));
}
