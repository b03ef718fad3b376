/** An axis-parallel box in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A text and where it may go, best place first: x is its left edge, its centre or its right edge, y its middle. */
export interface Label {
  readonly text: string;
  readonly places: readonly LabelPlace[];
}

export interface LabelPlace {
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

export const labelHeight = 13;
/** Of text at 11 px; wide enough for the common interface fonts. */
const characterWidth = 6.3;

/** Chinese, Japanese and Korean characters fill a square. */
const wideCharacterWidth = 11;
const wideCharacters = /[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]/g;

/** About how wide a label is drawn. */
export function labelWidth(text: string): number {
  const wide = text.match(wideCharacters)?.length ?? 0;
  return text.length * characterWidth + wide * (wideCharacterWidth - characterWidth) + 2;
}

export function labelBox(text: string, { x, y, anchor }: LabelPlace): Box {
  const width = labelWidth(text);
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  return { left, top: y - labelHeight / 2, width, height: labelHeight };
}

export function overlaps(a: Box, b: Box): boolean {
  return (
    a.left < b.left + b.width &&
    b.left < a.left + a.width &&
    a.top < b.top + b.height &&
    b.top < a.top + a.height
  );
}

/**
 * Puts every label at its first place that lies within `bounds` and touches neither an obstacle nor a label placed
 * before; undefined where there is none, so that an unreadable label is left out instead of drawn. Greedy, O(n²).
 */
export function placeLabels(
  labels: readonly Label[],
  bounds: Box,
  obstacles: readonly Box[],
): (LabelPlace | undefined)[] {
  const taken = [...obstacles];
  return labels.map(({ text, places }) => {
    const free = places.find((place) => {
      const box = labelBox(text, place);
      return within(box, bounds) && !taken.some((other) => overlaps(box, other));
    });
    if (free) taken.push(labelBox(text, free));
    return free;
  });
}

function within(box: Box, bounds: Box): boolean {
  return (
    box.left >= bounds.left &&
    box.top >= bounds.top &&
    box.left + box.width <= bounds.left + bounds.width &&
    box.top + box.height <= bounds.top + bounds.height
  );
}
