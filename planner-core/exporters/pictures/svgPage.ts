/** What stands around a picture. */
export interface Caption {
  readonly title: string;
  readonly subtitle: string;
  /** Printed below the picture. */
  readonly assumptions: readonly string[];
}

/** What a page looks like. */
export interface PageLook {
  /** In pixels. */
  readonly width: number;
  readonly background: string;
  readonly ink: string;
  readonly mutedInk: string;
}

export const pageWidth = 1200;
const paper: PageLook = { width: pageWidth, background: '#fff', ink: '#000', mutedInk: '#555' };

/** Of the picture between the caption's lines, in pixels. */
export const pageMargin = { top: 70, right: 30, left: 80 };

/** Text has no width before it is drawn: an average character of the caption's font, in pixels. */
const characterWidth = 6.6;
const lineHeight = 16;
const below = 26;

/**
 * A self-contained SVG picture, for a light background unless told otherwise: title, what is drawn in `parts` down to `bottom`,
 * assumptions. Made of text alone, so the same input gives the same bytes.
 */
export function svgPage(
  { title, subtitle, assumptions }: Caption,
  bottom: number,
  parts: readonly string[],
  { width, background, ink, mutedInk }: PageLook = paper,
): string {
  const lines = brokenLines(assumptions, width);
  const height = Math.ceil(bottom + below + lineHeight * lines.length + 10);
  const notes = lines.map((line, i) => {
    const at = bottom + below + lineHeight * i;
    return `<text x="${pageMargin.left}" y="${at}" fill="${mutedInk}" font-size="11">${escapedXml(line)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapedXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="${background}"/>`,
    `<text x="${pageMargin.left}" y="28" fill="${ink}" font-size="18" font-weight="600">${escapedXml(title)}</text>`,
    `<text x="${pageMargin.left}" y="50" fill="${mutedInk}">${escapedXml(subtitle)}</text>`,
    ...parts,
    ...notes,
    '</svg>\n',
  ].join('\n');
}

/** A row of coloured squares with names, at most as wide as the page. */
export function legendRow(
  entries: readonly (readonly [name: string, colour: string])[],
  at: number,
): string[] {
  let next = pageMargin.left;
  return entries.map(([name, colour]) => {
    const left = next;
    next += 18 + name.length * characterWidth + 22;
    return (
      `<rect x="${left}" y="${at - 10}" width="12" height="12" fill="${colour}"/>` +
      `<text x="${left + 18}" y="${at}">${escapedXml(name)}</text>`
    );
  });
}

/** Text for the content and the attributes of an element. */
export function escapedXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Sentences joined into lines that fit the page; one that does not is broken between words. */
function brokenLines(sentences: readonly string[], width: number): string[] {
  const maxCharacters = (width - pageMargin.left - pageMargin.right) / characterWidth;
  const lines: string[] = [];
  for (const sentence of sentences) {
    sentence.split(' ').forEach((word, i) => {
      const last = lines.at(-1);
      const isRoomy = last !== undefined && last.length + 3 + sentence.length <= maxCharacters;
      const longer = `${last}${i === 0 ? ' · ' : ' '}${word}`;
      if (last !== undefined && (i === 0 ? isRoomy : longer.length <= maxCharacters))
        lines.splice(-1, 1, longer);
      else lines.push(word);
    });
  }
  return lines;
}
