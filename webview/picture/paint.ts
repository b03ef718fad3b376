/** A colour as pictures of all programs know it: `#rrggbb`, and how much of it covers what is below. */
export interface Paint {
  readonly colour: string;
  /** 0..1; 1 where nothing shines through. */
  readonly opacity: number;
}

/**
 * Reads a computed colour: `rgb(1, 2, 3)`, `rgba(1, 2, 3, 0.5)`, or `color(srgb 0.1 0.2 0.3 / 0.5)`, which is what mixed colours
 * come out as. undefined where nothing would be seen, and for anything that is no colour.
 */
export function paintOf(css: string): Paint | undefined {
  const [, kind, inside] = /^(rgba?|color)\((.*)\)$/.exec(css.trim()) ?? [];
  if (!kind) return undefined;
  const numbers = (inside.match(/-?[\d.]+(?:e-?\d+)?%?/g) ?? []).map(numberOf);
  const scale = kind === 'color' ? 255 : 1;
  const [red, green, blue, opacity = 1] = numbers;
  if (numbers.length < 3 || opacity === 0) return undefined;
  const hex = [red, green, blue].map((part) =>
    byte(part * scale)
      .toString(16)
      .padStart(2, '0'),
  );
  return { colour: `#${hex.join('')}`, opacity };
}

/** Attributes of an SVG element that paint it so: `fill="#aabbcc" fill-opacity="0.5"`. */
export function paintAttributes(property: 'fill' | 'stroke', css: string): Readonly<Record<string, string>> {
  const paint = paintOf(css);
  if (!paint) return { [property]: css.startsWith('url(') ? css.replaceAll('"', '') : 'none' };
  const { colour, opacity } = paint;
  return opacity < 1
    ? { [property]: colour, [`${property}-opacity`]: String(Number(opacity.toFixed(3))) }
    : { [property]: colour };
}

const numberOf = (text: string): number =>
  text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);

const byte = (value: number): number => Math.round(Math.min(255, Math.max(0, value)));
