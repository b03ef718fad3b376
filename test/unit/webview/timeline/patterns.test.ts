// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { bands } from '../../../../planner-core/simulator/timeline';
import { bandSwatch, strokesOfBand } from '../../../../webview/timeline/patterns';

describe('hatching of bands', () => {
  it('differs from band to band, for those who see no colours', () => {
    const hatchings = bands.map((band) => JSON.stringify(strokesOfBand[band]));
    expect(new Set(hatchings).size).toBe(bands.length);
  });

  it('is the same in the legend', () => {
    for (const band of bands) {
      const d = bandSwatch(band).querySelector('path')?.getAttribute('d') ?? '';
      const drawn = [...d.matchAll(/M(\d+) (\d+)L(\d+) (\d+)/g)].map(([, ...ends]) => ends.map(Number));
      expect(drawn).toEqual(strokesOfBand[band]);
    }
  });
});
