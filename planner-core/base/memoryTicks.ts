/**
 * Round memory sizes from 0 to `maxBytes` for an axis, about `count` of them: 1, 2 or 5 times a power of ten of a
 * binary unit, so that labels read "4.00 GiB" and not "3.73 GiB".
 */
export function memoryTicks(maxBytes: number, count: number): number[] {
  if (!(maxBytes > 0)) return [0];
  const rough = maxBytes / Math.max(count, 1);
  const unit = 1024 ** Math.max(0, Math.floor(Math.log2(rough) / 10));
  const inUnits = rough / unit;
  const power = 10 ** Math.floor(Math.log10(inUnits));
  const nice = [1, 2, 5, 10].find((factor) => factor * power >= inUnits) ?? 10;
  const step = Math.max(nice * power * unit, 1);
  const ticks: number[] = [];
  for (let i = 0; i * step <= maxBytes; i++) ticks.push(i * step);
  return ticks;
}
