import { setAttributes } from '../base/dom';
import { paintAttributes } from './paint';

/** What stylesheets say of SVG elements here, beside their colours; as attributes it needs no stylesheet. */
const properties = [
  ...['stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity', 'paint-order'],
  ...['font-size', 'font-weight', 'text-anchor', 'dominant-baseline', 'visibility'],
] as const;

/** For assistive technology and for scripts. */
const ofThePage = /^(class|style|tabindex|role|cursor|data-.*|aria-.*)$/;

/** A copy of a chart that looks the same in a file of its own, where it is on the page. */
export function inlinedSvg(svg: SVGSVGElement, { x, y, width, height }: DOMRect): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll('*')];
  const copies = [copy, ...copy.querySelectorAll('*')];
  originals.forEach((original, i) => inline(original, copies[i]));
  setAttributes(copy, { x, y, width, height });
  return new XMLSerializer().serializeToString(copy);
}

function inline(original: Element, copy: Element): void {
  const style = getComputedStyle(original);
  if (style.display === 'none') return copy.remove();
  for (const { name } of [...copy.attributes]) if (ofThePage.test(name)) copy.removeAttribute(name);
  setAttributes(copy, {
    ...paintAttributes('fill', style.fill),
    ...paintAttributes('stroke', style.stroke),
    ...Object.fromEntries(properties.map((name) => [name, style.getPropertyValue(name) || undefined])),
  });
}
