/** Memory is shown in binary units (KiB, MiB, GiB), files in decimal ones (kB, MB, GB). */

const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const decimalUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

function scaled(bytes: number, base: number, units: string[]): string {
  if (!Number.isFinite(bytes)) return '–';
  const sign = bytes < 0 ? '−' : '';
  let value = Math.abs(bytes);
  let unit = 0;
  while (unit < units.length - 1 && value >= base) {
    value /= base;
    unit++;
  }
  // 1023.9 KiB would print as "1024 KiB": promote what rounding carries over the edge.
  if (unit < units.length - 1 && Math.round(value) >= base) {
    value /= base;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${sign}${value.toFixed(digits)} ${units[unit]}`;
}

/** Bytes of memory: `formatMemory(24 * 2 ** 30)` is `24.0 GiB`. */
export function formatMemory(bytes: number): string {
  return scaled(bytes, 1024, binaryUnits);
}

/** Bytes of a file: `formatFileSize(5e9)` is `5.00 GB`. */
export function formatFileSize(bytes: number): string {
  return scaled(bytes, 1000, decimalUnits);
}

/** A duration given in milliseconds: `0.42 ms`, `12.3 ms`, `1.24 s`. */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return '–';
  if (durationMs >= 1000) return `${(durationMs / 1000).toFixed(2)} s`;
  if (durationMs >= 10) return `${durationMs.toFixed(1)} ms`;
  if (durationMs >= 0.01 || durationMs === 0) return `${durationMs.toFixed(2)} ms`;
  return `${(durationMs * 1000).toFixed(2)} µs`;
}

/** A bandwidth: `119 MB/s`, `25 GB/s`. */
export const formatBandwidth = (gbPerS: number): string =>
  gbPerS < 1 ? `${threeDigits(1000 * gbPerS)} MB/s` : `${threeDigits(gbPerS)} GB/s`;

/** So many a second: `1,890`, `22.5`. */
export const formatRate = (perSecond: number): string => threeDigits(perSecond);

const threeDigits = (value: number): string =>
  Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 3 });

/** A percentage; one digit after the point unless told. */
export const formatPercent = (percent: number, digits = 1): string => `${percent.toFixed(digits)} %`;

/** A proven bound from below, rounded down: it stays proven. */
export function formatLeastPercent(percent: number, digits = 1): string {
  const scale = 10 ** digits;
  // What a float lacks of a round number is no reason to round it down.
  return formatPercent(Math.floor(percent * scale + 1e-6) / scale, digits);
}

/** A percentage with a sign, as overheads are shown: `+2.7 %`. */
export function formatOverhead(percent: number): string {
  if (!Number.isFinite(percent)) return '–';
  return `${percent < 0 ? '−' : '+'}${formatPercent(Math.abs(percent))}`;
}

/** A proven least overhead, rounded down: `+2.7 %`. */
export const formatLeastOverhead = (percent: number): string => `+${formatLeastPercent(percent)}`;

const multipliers: Record<string, number> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** Parses `8GiB`, `7.5 GB`, `1024` (bytes). Returns undefined when the text is no size. */
export function parseMemory(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  if (!match) return undefined;
  const multiplier = multipliers[match[2].toLowerCase()];
  return multiplier === undefined ? undefined : Math.round(Number(match[1]) * multiplier);
}

/** Energy given in joules: `7.89 J`, `12.3 kJ`, `450 mJ`. */
export const formatEnergy = (joules: number): string => amount(joules, 'J');

/** Mass of carbon dioxide given in grams: `0.52 mg`, `1.20 kg`. */
export const formatCarbon = (grams: number): string => amount(grams, 'g');

const prefixes = [
  { factor: 1e6, prefix: 'M' },
  { factor: 1e3, prefix: 'k' },
  { factor: 1, prefix: '' },
  { factor: 1e-3, prefix: 'm' },
  { factor: 1e-6, prefix: 'µ' },
];

/** Three digits and the prefix that leaves one to three of them before the point. */
function amount(value: number, unit: string): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return `0 ${unit}`;
  const digits = Number(value.toPrecision(3));
  const { factor, prefix } = prefixes.find((each) => Math.abs(digits) >= each.factor) ?? prefixes[4];
  return `${(digits / factor).toPrecision(3)} ${prefix}${unit}`;
}
