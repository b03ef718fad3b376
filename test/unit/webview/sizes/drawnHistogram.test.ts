import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyHistogram,
  histogramOf,
  histogramText,
  topOf,
  withWeight,
} from '../../../../webview/sizes/drawnHistogram';

const names = ['batch', 'seq'];
const of = (text: string) => histogramOf(text, names, undefined);

describe('a drawn histogram', () => {
  it('is what its text says, and its text says it again', () => {
    const bars = fc.uniqueArray(
      fc.record({ size: fc.integer({ min: 1, max: 4096 }), weight: fc.integer({ min: 1, max: 999 }) }),
      { selector: ({ size }) => size, minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(bars, (written) => {
        const text = written.map(({ size, weight }) => `${size}:${weight}`).join('\n');
        const histogram = of(text)!;
        expect(histogram.bars).toEqual([...written].sort((a, b) => a.size - b.size));
        expect(of(histogramText(histogram))).toEqual(histogram);
      }),
    );
  });

  it('joins many sizes under the largest of them, and loses no batch', () => {
    const lengths = Array.from({ length: 300 }, (_, i) => 40 + ((i * 37) % 350));
    const histogram = of(lengths.join('\n'))!;
    expect(histogram.isJoined).toBe(true);
    expect(histogram.bars.length).toBeLessThanOrEqual(20);
    expect(histogram.bars.reduce((sum, { weight }) => sum + weight, 0)).toBe(300);
    expect(histogram.bars.at(-1)!.size).toBe(Math.max(...lengths));
  });

  it('reads percentiles', () => {
    const { bars } = of('p50:128 p90:384 p99:512')!;
    expect(bars.at(-1)!.size).toBe(512);
    expect(bars.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(100);
  });

  it('is none of what cannot be drawn', () => {
    for (const text of ['', 'nonsense', '128:-1', '224x320:1', 'seq,u0\n8,3\n'])
      expect(of(text)).toBeUndefined();
  });

  it('starts empty, up to the size there is, and has counts that stay whole', () => {
    const empty = emptyHistogram('seq', 512);
    expect(empty.bars.map(({ size }) => size)).toEqual([64, 128, 192, 256, 320, 384, 448, 512]);
    expect(emptyHistogram('seq', 3).bars.map(({ size }) => size)).toEqual([1, 2, 3]);
    expect(histogramText(empty)).toBe('');
    expect(topOf(empty)).toBe(100);
    const drawn = withWeight(withWeight(empty, 1, 41.7), 2, 17.2);
    expect(histogramText(drawn)).toBe('128:42 192:17');
    expect(withWeight(of('128:0.3 256:0.7')!, 0, 0.4567).bars[0].weight).toBe(0.46);
    expect(withWeight(drawn, 1, -5).bars[1].weight).toBe(0);
  });
});
