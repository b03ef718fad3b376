import type { OffloadLink } from './offloadLink';

interface StorageSpec extends Required<Omit<OffloadLink, 'shared'>> {
  /** What people read. */
  readonly title: string;
  readonly source: string;
}

type Row = readonly [
  name: string,
  title: string,
  outGBPerS: number,
  inGBPerS: number,
  latencyMs: number,
  /** While it transfers. */
  powerW: number,
  source: string,
];

// prettier-ignore
const rows: readonly Row[] = [
  ['nvme4',   'NVMe SSD, PCIe 4.0 x4', 5,       7,        0.05,  6.2,  'Samsung 980 PRO: rates of 1 TB, peak power of 2 TB, as Puget Systems prints them; latency assumed'],
  ['nvme3',   'NVMe SSD, PCIe 3.0 x4', 3.3,     3.5,      0.08,  5.8,  'Samsung 970 EVO Plus 1 TB: sequential rates, 5.5 W reading and 6 W writing; latency assumed'],
  ['sata',    'SATA SSD',              0.53,    0.56,     0.1,   3,    'Samsung 870 EVO 1 TB: sequential rates; power and latency assumed'],
  ['sd-pi',   'SD card, Raspberry Pi', 0.0245,  0.0455,   0.012, 0.15, 'POET (ICML 2022), chipsets.py: Raspberry Pi 4 with caching, 30 mA at 5 V; mean of both latencies'],
  ['sd-mcu',  'SD card, SPI',          0.00444, 0.00462,  0.111, 0.33, 'POET (ICML 2022), chipsets.py: Arduino MKR1000, 100 mA at 3.3 V; mean of both latencies'],
];

/** Storage that values can go to. One transfer at a time. */
export const storageCatalogue: readonly StorageSpec[] = rows.map(
  ([name, title, outGBPerS, inGBPerS, latencyMs, powerW, source]) => ({
    ...{ name, title, outGBPerS, inGBPerS, latencyMs, source },
    joulesPerGB: powerW / outGBPerS,
  }),
);

/** What values go to where nothing is said. */
export const defaultStorage = 'nvme4';

/** The storage of this name, whatever its case, as a link; undefined when the catalogue has none. */
export function findStorage(name: string): OffloadLink | undefined {
  const spec = storageCatalogue.find((storage) => storage.name === name.trim().toLowerCase());
  if (!spec) return undefined;
  const { outGBPerS, inGBPerS, latencyMs, joulesPerGB } = spec;
  return { name: spec.name, outGBPerS, inGBPerS, latencyMs, shared: true, joulesPerGB };
}
