/** `undefined` and `false` leave the attribute out, `true` writes it empty. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

const svgNamespace = 'http://www.w3.org/2000/svg';

/**
 * Makes an HTML element. There is no `style` attribute on purpose: the content security policy blocks inline styles, so
 * styles come from classes or from `element.style`.
 */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/** Makes an SVG element. */
export function svgEl<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(svgNamespace, tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Writes text only when it differs: unchanged nodes keep selections and do not trigger live regions again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Replaces children some of which may stay: the one that has the focus keeps it. */
export function replaceKeepingFocus(parent: HTMLElement, children: readonly HTMLElement[]): void {
  const { activeElement } = document;
  parent.replaceChildren(...children);
  if (activeElement instanceof HTMLElement && parent.contains(activeElement)) activeElement.focus();
}
