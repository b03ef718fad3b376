import { escapedXml } from '../../planner-core/exporters/pictures/svgPage';
import { paintOf } from './paint';

/** Where the baseline is, from the top of a line of text: fonts differ by a pixel or so. */
const baselineShare = 0.78;

/** A text of the page as SVG texts, one a line. */
export function drawnText(node: Text, style: CSSStyleDeclaration): string[] {
  const paint = paintOf(style.color);
  if (!paint) return [];
  return linesOf(node).map(({ text, rect }) => {
    const shown = style.textTransform === 'uppercase' ? text.toUpperCase() : text;
    const y = rect.top + baselineShare * rect.height;
    return (
      `<text x="${rect.left.toFixed(1)}" y="${y.toFixed(1)}" fill="${paint.colour}" fill-opacity="${paint.opacity}" ` +
      `font-size="${style.fontSize}" font-weight="${style.fontWeight}">${escapedXml(shown)}</text>`
    );
  });
}

interface Line {
  readonly text: string;
  readonly rect: DOMRect;
}

/** The browser has broken the text into lines: words that are as far down are of one line. */
function linesOf(node: Text): Line[] {
  const range = document.createRange();
  const rectOf = (from: number, to: number): DOMRect => {
    range.setStart(node, from);
    range.setEnd(node, to);
    return range.getBoundingClientRect();
  };
  const lines: Line[] = [];
  for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
    const rect = rectOf(index, index + word.length);
    const last = lines.at(-1);
    if (rect.width === 0) continue;
    if (last && Math.abs(last.rect.top - rect.top) < 1) lines.splice(-1, 1, joined(last, word));
    else lines.push({ text: word, rect });
  }
  return lines;
}

const joined = ({ text, rect }: Line, word: string): Line => ({ text: `${text} ${word}`, rect });
