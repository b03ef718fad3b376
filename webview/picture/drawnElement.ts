import { escapedXml } from '../../planner-core/exporters/pictures/svgPage';
import { drawnText } from './drawnText';
import { inlinedSvg } from './inlinedSvg';
import { paintAttributes, paintOf } from './paint';

/** What one works with, as opposed to what one looks at. */
const isControl = (element: Element): boolean =>
  element.tagName.includes('-') || element.matches('input, .pane-tools, .pane-tabs, .quiet-button');

/**
 * An element of the page as SVG, in the page's own coordinates: boxes, texts, charts, and canvases as pixels. What is hidden or
 * scrolled out of sight is left out, and so are fields and tools.
 */
export function drawnElement(element: Element): string[] {
  const style = getComputedStyle(element);
  const rect = element.getBoundingClientRect();
  const clips = style.overflowX !== 'visible' || style.overflowY !== 'visible';
  const isEmpty = rect.width === 0 || rect.height === 0;
  if (!isSeen(style) || (clips && isEmpty) || isControl(element)) return [];
  if (element instanceof HTMLCanvasElement) return [drawnCanvas(element, rect)];
  if (element instanceof SVGSVGElement) return [inlinedSvg(element, rect)];
  const inside =
    element instanceof HTMLSelectElement
      ? [...(element.selectedOptions[0]?.childNodes ?? [])].flatMap((node) => drawnOption(node, style, rect))
      : backToFront(element).flatMap((node) =>
          node instanceof Text ? drawnText(node, style) : node instanceof Element ? drawnElement(node) : [],
        );
  if (isEmpty) return inside;
  return [...drawnBox(style, rect), ...(clips && inside.length > 0 ? clipped(inside, rect) : inside)];
}

/** What stays in sight while the rest scrolls lies above it. */
function backToFront(element: Element): ChildNode[] {
  const isAbove = (node: ChildNode): boolean =>
    node instanceof Element && getComputedStyle(node).position === 'sticky';
  const nodes = [...element.childNodes];
  return [...nodes.filter((node) => !isAbove(node)), ...nodes.filter(isAbove)];
}

/** What only assistive technology reads is clipped away. */
const isSeen = ({ display, visibility, opacity, clipPath }: CSSStyleDeclaration): boolean =>
  display !== 'none' && visibility !== 'hidden' && opacity !== '0' && !clipPath.startsWith('inset');

function drawnCanvas(canvas: HTMLCanvasElement, { x, y, width, height }: DOMRect): string {
  return `<image ${attributes({ x, y, width, height, href: canvas.toDataURL() })}/>`;
}

/** The text of an option has no place on the page: it stands in the middle of its list. */
function drawnOption(node: Node, style: CSSStyleDeclaration, { x, y, height }: DOMRect): string[] {
  const text = node.textContent ?? '';
  const place = { x: x + 8, y: y + height / 2, dy: '0.35em', 'font-size': style.fontSize };
  return [
    `<text ${attributes({ ...place, ...paintAttributes('fill', style.color) })}>${escapedXml(text)}</text>`,
  ];
}

function drawnBox(style: CSSStyleDeclaration, { x, y, width, height }: DOMRect): string[] {
  const parts: string[] = [];
  const rx = Math.min(parseFloat(style.borderTopLeftRadius) || 0, height / 2);
  if (paintOf(style.backgroundColor))
    parts.push(
      `<rect ${attributes({ x, y, width, height, rx, ...paintAttributes('fill', style.backgroundColor) })}/>`,
    );
  for (const side of ['top', 'right', 'bottom', 'left'] as const) {
    const thick = parseFloat(style.getPropertyValue(`border-${side}-width`)) || 0;
    const colour = style.getPropertyValue(`border-${side}-color`);
    if (thick === 0 || style.getPropertyValue(`border-${side}-style`) === 'none' || !paintOf(colour))
      continue;
    const along = side === 'top' || side === 'bottom';
    const edge = {
      x: side === 'right' ? x + width - thick : x,
      y: side === 'bottom' ? y + height - thick : y,
      width: along ? width : thick,
      height: along ? thick : height,
    };
    parts.push(`<rect ${attributes({ ...edge, ...paintAttributes('fill', colour) })}/>`);
  }
  return parts;
}

/** An SVG within one shows what is inside of it. */
function clipped(parts: readonly string[], { x, y, width, height }: DOMRect): string[] {
  const window = { x, y, width, height, viewBox: [x, y, width, height].map(short).join(' ') };
  return [`<svg ${attributes(window)}>`, ...parts, '</svg>'];
}

const short = (value: number): string => String(Number(value.toFixed(1)));

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}="${escapedXml(typeof value === 'number' ? short(value) : value)}"`)
    .join(' ');
