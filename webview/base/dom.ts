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

/** An SVG element as it is to be: what `patchMarks` makes, or turns an element that is there into. */
export interface Mark {
  readonly tag: keyof SVGElementTagNameMap;
  readonly attributes: Attributes;
  readonly text?: string;
}

export const mark = (tag: Mark['tag'], attributes: Attributes, text?: string): Mark => ({
  tag,
  attributes,
  text,
});

const drawnMarks = new WeakMap<Element, Mark>();

/** Makes the group's children these marks, and touches only what differs: a text that stays is not shaped again. */
export function patchMarks(group: SVGElement, marks: readonly Mark[]): void {
  marks.forEach((next, i) => {
    const there = group.children.item(i);
    const drawn = there ? drawnMarks.get(there) : undefined;
    if (there && drawn?.tag === next.tag) patchMark(there, drawn, next);
    else {
      const made = svgEl(next.tag, next.attributes, ...(next.text === undefined ? [] : [next.text]));
      if (there) there.replaceWith(made);
      else group.append(made);
      drawnMarks.set(made, next);
    }
  });
  while (group.children.length > marks.length) group.lastElementChild?.remove();
}

function patchMark(element: Element, drawn: Mark, next: Mark): void {
  for (const name of Object.keys(drawn.attributes)) {
    if (!(name in next.attributes)) element.removeAttribute(name);
  }
  for (const [name, value] of Object.entries(next.attributes)) {
    if (drawn.attributes[name] !== value) setAttributes(element, { [name]: value });
  }
  if (drawn.text !== next.text) element.textContent = next.text ?? '';
  drawnMarks.set(element, next);
}

/** Writes text only when it differs: unchanged nodes keep selections and do not trigger live regions again. */
export function setText(element: Element, text: string): void {
  if (element.textContent === text) return;
  const { firstChild } = element;
  // A text node that is there is laid out again where it is; a new one would have to be put into the page first.
  if (firstChild instanceof Text && firstChild === element.lastChild) firstChild.data = text;
  else element.textContent = text;
}

/** Makes these the parent's children, and leaves those that stay where they are: one that is moved loses a click on it. */
export function patchChildren(parent: Element, children: readonly Element[]): void {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, i) => {
    const there = parent.children.item(i);
    if (there !== child) parent.insertBefore(child, there);
  });
}

/** Replaces children some of which may stay: the one that has the focus keeps it. */
export function replaceKeepingFocus(parent: HTMLElement, children: readonly HTMLElement[]): void {
  const { activeElement } = document;
  parent.replaceChildren(...children);
  if (activeElement instanceof HTMLElement && parent.contains(activeElement)) activeElement.focus();
}
