import { describe, expect, it } from 'vitest';
import { paintAttributes, paintOf } from '../../../../webview/picture/paint';

describe('colours of a picture', () => {
  it.each([
    ['rgb(1, 20, 255)', '#0114ff', 1],
    ['rgba(0, 128, 0, 0.5)', '#008000', 0.5],
    ['color(srgb 1 0.5 0)', '#ff8000', 1],
    ['color(srgb 0.2 0 1e-7 / 0.25)', '#330000', 0.25],
    ['rgb(1 2 3 / 40%)', '#010203', 0.4],
  ])('reads %s', (css, colour, opacity) => {
    expect(paintOf(css)).toEqual({ colour, opacity });
  });

  it.each(['none', 'rgba(0, 0, 0, 0)', 'transparent', '', 'url("#pattern")'])(
    'sees nothing in "%s"',
    (css) => {
      expect(paintOf(css)).toBeUndefined();
    },
  );

  it('says them as attributes of any SVG, and keeps references to patterns', () => {
    expect(paintAttributes('fill', 'rgb(255, 255, 255)')).toEqual({ fill: '#ffffff' });
    expect(paintAttributes('stroke', 'rgba(0, 0, 0, 0.25)')).toEqual({
      stroke: '#000000',
      'stroke-opacity': '0.25',
    });
    expect(paintAttributes('fill', 'none')).toEqual({ fill: 'none' });
    expect(paintAttributes('fill', 'url("#stripes")')).toEqual({ fill: 'url(#stripes)' });
  });
});
