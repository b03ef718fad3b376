import { deviceNamed } from './catalogue';
import { linkBetween } from './linkCatalogue';
import type { Machine } from './machine';

/** A machine many people have. The first device is the one the budget is for. */
export interface MachinePreset extends Machine {
  readonly name: string;
  /** What people read. */
  readonly title: string;
}

type DeviceRow = readonly [id: string, name: string, count?: number];
type LinkRow = readonly [a: string, b: string, link: string];

/** `host` in a link is the host's memory: devices without a link of their own talk through it. */
const machine = (
  name: string,
  title: string,
  devices: readonly DeviceRow[],
  links: readonly LinkRow[],
): MachinePreset => ({
  ...{ name, title },
  devices: devices.map(([id, device, count]) => {
    const { name: known, memoryBytes } = deviceNamed(device);
    return { id, name: known, memoryBytes, ...(count === undefined ? {} : { count }) };
  }),
  links: links.map(([a, b, link]) => linkBetween([a, b], link)),
});

const server = (id: string): DeviceRow => [id, 'H100 SXM', 8];

export const machinePresets: readonly MachinePreset[] = [
  machine(
    'workstation-4090-t4',
    'Workstation: CPU, RTX 4090 and T4',
    [
      ['gpu0', 'RTX 4090'],
      ['gpu1', 'T4'],
      ['cpu', 'EPYC 9654 (CPU)'],
    ],
    [
      ['gpu0', 'cpu', 'pcie4x16'],
      ['gpu1', 'cpu', 'pcie3x16'],
    ],
  ),
  machine(
    'desktop-4090',
    'Desktop: CPU and RTX 4090',
    [
      ['gpu0', 'RTX 4090'],
      ['cpu', 'Ryzen 9 7950X (CPU)'],
    ],
    [['gpu0', 'cpu', 'pcie4x16']],
  ),
  machine(
    'laptop-4060',
    'Laptop: CPU and RTX 4060',
    [
      ['gpu0', 'RTX 4060 Laptop'],
      ['cpu', 'Core i7-13700H (CPU)'],
    ],
    [['gpu0', 'cpu', 'pcie4x8']],
  ),
  machine(
    '2x-3090-nvlink',
    '2 x RTX 3090 with NVLink',
    [['gpu', 'RTX 3090', 2]],
    [
      ['gpu', 'gpu', 'nvlink3-bridge'],
      ['gpu', 'host', 'pcie4x16'],
    ],
  ),
  machine('2x-4090', '2 x RTX 4090 without NVLink', [['gpu', 'RTX 4090', 2]], [['gpu', 'host', 'pcie4x16']]),
  ...([4, 8] as const).map((count) =>
    machine(
      `${count}x-a100`,
      `${count} x A100 80GB with NVLink`,
      [['gpu', 'A100 SXM 80GB', count]],
      [
        ['gpu', 'gpu', 'nvlink3'],
        ['gpu', 'host', 'pcie4x16'],
      ],
    ),
  ),
  machine(
    '8x-h100',
    '8 x H100 with NVLink',
    [['gpu', 'H100 SXM', 8]],
    [
      ['gpu', 'gpu', 'nvlink4'],
      ['gpu', 'host', 'pcie5x16'],
    ],
  ),
  machine('4x8-h100', '4 servers of 8 x H100 over InfiniBand', ['a', 'b', 'c', 'd'].map(server), [
    ...['a', 'b', 'c', 'd'].map((id): LinkRow => [id, id, 'nvlink4']),
    ...(['a b', 'a c', 'a d', 'b c', 'b d', 'c d'] as const).map((pair): LinkRow => {
      const [one, other] = pair.split(' ');
      return [one, other, 'infiniband-ndr'];
    }),
  ]),
  machine(
    'edge-pi-server',
    'Raspberry Pi 5 and a server (L4) over 1 Gbit Ethernet',
    [
      ['edge', 'Raspberry Pi 5 (CPU)'],
      ['server', 'L4'],
    ],
    [['edge', 'server', 'ethernet1g']],
  ),
  machine(
    'edge-orin-server',
    'Jetson AGX Orin and a server (A10G) over 1 Gbit Ethernet',
    [
      ['edge', 'Jetson AGX Orin 64GB'],
      ['server', 'A10G'],
    ],
    [['edge', 'server', 'ethernet1g']],
  ),
];

/** The preset of this name, whatever its case; undefined when there is none. */
export function findMachine(name: string): MachinePreset | undefined {
  const wanted = name.trim().toLowerCase();
  return machinePresets.find((preset) => preset.name === wanted);
}
