import { describe, expect, test } from 'vitest';
import {
  formatBandwidth,
  formatCarbon,
  formatRate,
  formatDuration,
  formatEnergy,
  formatFileSize,
  formatMemory,
  formatLeastOverhead,
  formatLeastPercent,
  formatOverhead,
  parseMemory,
} from '../../../planner-core/base/format';

describe('formatMemory', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [24 * 2 ** 30, '24.0 GiB'],
    [1.5 * 2 ** 40, '1.50 TiB'],
    [-2048, '−2.00 KiB'],
    [1023.99 * 1024, '1.00 MiB'],
    [Number.NaN, '–'],
  ])('%d bytes are %s', (bytes, text) => expect(formatMemory(bytes)).toBe(text));
});

test('files use decimal units', () => {
  expect(formatFileSize(5e9)).toBe('5.00 GB');
  expect(formatFileSize(999)).toBe('999 B');
});

test('durations choose their unit', () => {
  expect(formatDuration(0)).toBe('0.00 ms');
  expect(formatDuration(0.0042)).toBe('4.20 µs');
  expect(formatDuration(12.34)).toBe('12.3 ms');
  expect(formatDuration(1234)).toBe('1.23 s');
});

test.each([
  [0.0625, '62.5 MB/s'],
  [0.1189, '119 MB/s'],
  [25, '25 GB/s'],
  [1000, '1,000 GB/s'],
])('a bandwidth of %d GB/s reads %s', (gbPerS, text) => {
  expect(formatBandwidth(gbPerS)).toBe(text);
});

test('rates have three digits', () => {
  expect(formatRate(2248.7)).toBe('2,250');
  expect(formatRate(0.04567)).toBe('0.046');
});

test('overheads carry a sign', () => {
  expect(formatOverhead(2.71)).toBe('+2.7 %');
  expect(formatOverhead(-12.2)).toBe('−12.2 %');
  expect(formatOverhead(117.46)).toBe('+117.5 %');
});

test('what is proven is never rounded up, and does not fall for what a float lacks of a round number', () => {
  expect(formatLeastPercent(17.49)).toBe('17.4 %');
  expect(formatLeastPercent(12.349, 2)).toBe('12.34 %');
  expect(formatLeastOverhead(3 * 0.1)).toBe('+0.3 %');
  expect(formatLeastOverhead(0.7 + 0.1)).toBe('+0.8 %');
});

describe('parseMemory', () => {
  test.each([
    ['8GiB', 8 * 2 ** 30],
    ['7.5 GB', 7.5e9],
    ['1024', 1024],
    ['512 mib', 512 * 2 ** 20],
  ])('reads %s', (text, bytes) => expect(parseMemory(text)).toBe(bytes));

  test.each(['', '8 apples', '-3GiB', '1e9', 'GiB'])('refuses %j', (text) =>
    expect(parseMemory(text)).toBeUndefined(),
  );

  test('reads back what formatMemory writes, to its precision', () => {
    for (const bytes of [3, 4096, 123 * 2 ** 20, 24 * 2 ** 30]) {
      const back = parseMemory(formatMemory(bytes))!;
      expect(Math.abs(back - bytes) / bytes).toBeLessThan(0.01);
    }
  });
});

test('energy and carbon have three digits and the prefix that fits', () => {
  expect(formatEnergy(7.8895)).toBe('7.89 J');
  expect(formatEnergy(0.4501)).toBe('450 mJ');
  expect(formatEnergy(999.7)).toBe('1.00 kJ');
  expect(formatEnergy(2.5e-9)).toBe('0.00250 µJ');
  expect(formatEnergy(0)).toBe('0 J');
  expect(formatEnergy(NaN)).toBe('–');
  expect(formatCarbon(1234)).toBe('1.23 kg');
});
