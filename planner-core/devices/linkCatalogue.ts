import type { MachineLink } from './machine';

/** A kind of link. Rates are what copies of megabytes reach, one direction, decimal. */
export interface LinkSpec {
  /** What plans and the command line call it. */
  readonly name: string;
  /** What people read. */
  readonly title: string;
  readonly gbPerS: number;
  /** From asking for a transfer to its first byte, milliseconds. */
  readonly latencyMs: number;
  readonly shared: boolean;
  readonly source: string;
}

type Row = readonly [name: string, title: string, gbPerS: number, latencyUs: number, source: string];

/** Latencies are of a copy as a framework issues it, not of the wire: orders of magnitude, none was measured. */
const copyUs = 10;
const peerUs = 5;
/** TCP through the operating systems of both ends; an RDMA library without them. */
const tcpUs = 50;
const rdmaUs = 5;

const pcie = (generation: string): string =>
  `PCI Express Base Specification ${generation}: 128b/130b, about three quarters of it sustained`;
const ethernet = 'IEEE 802.3: TCP payload of 1500-byte frames (1460 of 1538 bytes)';

// prettier-ignore
const rows: readonly Row[] = [
  ['pcie3x8',        'PCIe 3.0 x8',            6,    copyUs, pcie('3.0')],
  ['pcie3x16',       'PCIe 3.0 x16',          12,    copyUs, pcie('3.0')],
  ['pcie4x8',        'PCIe 4.0 x8',           12,    copyUs, pcie('4.0')],
  ['pcie4x16',       'PCIe 4.0 x16',          24,    copyUs, pcie('4.0')],
  ['pcie5x8',        'PCIe 5.0 x8',           25,    copyUs, pcie('5.0')],
  ['pcie5x16',       'PCIe 5.0 x16',          50,    copyUs, pcie('5.0')],
  ['nvlink1',        'NVLink 1 (P100)',       80,    peerUs, 'NVIDIA Tesla P100 whitepaper: 4 links of 20 GB/s'],
  ['nvlink2',        'NVLink 2 (V100)',      150,    peerUs, 'NVIDIA Tesla V100 whitepaper: 6 links of 25 GB/s'],
  ['nvlink3-bridge', 'NVLink 3 (RTX bridge)', 56,    peerUs, 'NVIDIA Ampere GA102 whitepaper: 4 links of 14 GB/s'],
  ['nvlink3',        'NVLink 3 (A100)',      300,    peerUs, 'NVIDIA A100 whitepaper: 12 links of 25 GB/s'],
  ['nvlink4',        'NVLink 4 (H100)',      450,    peerUs, 'NVIDIA H100 whitepaper: 18 links of 25 GB/s'],
  ['nvlink5',        'NVLink 5 (B200)',      900,    peerUs, 'NVIDIA Blackwell architecture brief: 18 links of 50 GB/s'],
  ['ethernet1g',     '1 Gbit Ethernet',        0.119, tcpUs, ethernet],
  ['ethernet10g',    '10 Gbit Ethernet',       1.19,  tcpUs, ethernet],
  ['ethernet25g',    '25 Gbit Ethernet',       2.97,  tcpUs, ethernet],
  ['ethernet100g',   '100 Gbit Ethernet',     11.9,   tcpUs, ethernet],
  ['infiniband-edr', 'InfiniBand EDR',        12,    rdmaUs, 'InfiniBand Trade Association roadmap: 100 Gbit/s'],
  ['infiniband-hdr', 'InfiniBand HDR',        24,    rdmaUs, 'InfiniBand Trade Association roadmap: 200 Gbit/s'],
  ['infiniband-ndr', 'InfiniBand NDR',        48,    rdmaUs, 'InfiniBand Trade Association roadmap: 400 Gbit/s'],
];

export const linkCatalogue: readonly LinkSpec[] = rows.map(([name, title, gbPerS, latencyUs, source]) => ({
  ...{ name, title, gbPerS, source },
  latencyMs: latencyUs / 1000,
  // All of these are full duplex.
  shared: false,
}));

/** What servers are linked by where nothing is said. */
export const defaultServerLink = 'infiniband-ndr';

/** The link of this name, whatever its case, `pcie4` and `pcie-4` for all sixteen lanes; undefined when the catalogue has none. */
export function findLink(name: string): LinkSpec | undefined {
  const wanted = name.trim().toLowerCase();
  const bare = wanted.replaceAll('-', '');
  return [wanted, bare, `${bare}x16`]
    .map((candidate) => linkCatalogue.find((link) => link.name === candidate))
    .find((link) => link !== undefined);
}

/** A link of the catalogue between two ends. Throws a RangeError for a name it does not have. */
export function linkBetween(between: readonly [string, string], name: string): MachineLink {
  const spec = findLink(name);
  if (!spec) throw new RangeError(`there is no link "${name}"`);
  const { gbPerS, latencyMs, shared } = spec;
  return { between, name: spec.name, gbPerS, latencyMs, shared };
}
