/** What stands around a picture. */
export interface Caption {
  readonly title: string;
  readonly subtitle: string;
  /** Printed below the picture. */
  readonly assumptions: readonly string[];
}

export const pageWidth = 1200;
/** Of the picture between the caption's lines, in pixels. */
export const pageMargin = { top: 70, right: 30, left: 80 };

/** Text has no width before it is drawn: an average character of the caption's font, in pixels. */
export const characterWidth = 6.6;
const lineHeight = 16;
const below = 26;

/**
 * A self-contained SVG picture for a light background: title, what is drawn in `parts` down to `bottom`, assumptions. Made of
 * text alone, so the same input gives the same bytes.
 */
export function svgPage(
  { title, subtitle, assumptions }: Caption,
  bottom: number,
  parts: readonly string[],
): string {
  const lines = brokenLines(assumptions);
  const height = Math.ceil(bottom + below + lineHeight * lines.length + 10);
  const notes = lines.map((line, i) => {
    const at = bottom + below + lineHeight * i;
    return `<text x="${pageMargin.left}" y="${at}" fill="#555" font-size="11">${escapedXml(line)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${pageWidth} ${height}" width="${pageWidth}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapedXml(title)}</title>`,
    `<rect width="${pageWidth}" height="${height}" fill="#fff"/>`,
    `<text x="${pageMargin.left}" y="28" font-size="18" font-weight="600">${escapedXml(title)}</text>`,
    `<text x="${pageMargin.left}" y="50" fill="#555">${escapedXml(subtitle)}</text>`,
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

/** Sentences joined into lines that fit the page. */
function brokenLines(sentences: readonly string[]): string[] {
  const maxCharacters = (pageWidth - pageMargin.left - pageMargin.right) / characterWidth;
  const lines: string[] = [];
  for (const sentence of sentences) {
    const longer = lines.length > 0 ? `${lines[lines.length - 1]} · ${sentence}` : sentence;
    if (lines.length > 0 && longer.length <= maxCharacters) lines[lines.length - 1] = longer;
    else lines.push(sentence);
  }
  return lines;
}
