import { curveBasis, line } from 'd3';
import { formatMemory } from '../../planner-core/base/format';
import { deviceClass } from '../base/deviceColour';
import { svgEl } from '../base/dom';
import type { GraphColour } from '../state/uiState';
import { isOpenable, type Box } from './boxes';
import { boxNote, boxText, type BoxWords } from './boxWords';
import type { Place, Route } from './layout';

/** How a box looks, beside where it lies and what is selected. */
export interface BoxLook {
  readonly words: BoxWords;
  readonly colour: GraphColour;
  readonly isOpen: boolean;
  readonly position: { readonly of: number; readonly count: number };
  /** Index of the device it runs on, for its colour. */
  readonly device: number;
  /** Of what the box that keeps most keeps, 0..1. */
  readonly share: number;
}

/** What a click changes of a box. */
export interface BoxMark {
  readonly isActive: boolean;
  /** 'inside': something in it is selected. */
  readonly selection: 'selected' | 'inside' | 'none';
}

export const boxElementId = (id: number): string => `graph-box-${id}`;

const characterPx = 6.6;
const chevronPx = 18;

/** A box as an item of the tree that assistive technology walks. */
export function boxElement(box: Box, { x, y, width, height }: Place, look: BoxLook): SVGGElement {
  const { words, colour, isOpen } = look;
  const looks = isOpen ? 'is-open' : `by-${colour} ${choiceClass(words)} ${deviceClass(look.device)}`;
  const room = Math.floor((width - 22 - (isOpenable(box) ? chevronPx : 0)) / characterPx);
  const element = svgEl(
    'g',
    {
      id: boxElementId(box.id),
      class: `graph-box ${looks}`,
      role: 'treeitem',
      'data-key': box.key,
      'data-box': box.id,
      transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
      'aria-level': box.depth,
      'aria-posinset': look.position.of,
      'aria-setsize': look.position.count,
      'aria-expanded': isOpenable(box) ? String(isOpen) : undefined,
    },
    // The element's name, and what the pointer is told.
    svgEl('title', {}, boxText(words)),
    svgEl('rect', { class: 'box-area', width, height, rx: 5 }),
    svgEl('text', { class: 'box-title', x: 12, y: 19 }, cut(words.title, isOpen ? room * 2 : room)),
  );
  if (!isOpen) {
    element.append(
      stripe(look, width, height),
      svgEl('text', { class: 'box-note', x: 12, y: 35 }, cut(boxNote(words, colour), room + 4)),
    );
    element.style.setProperty('--share', look.share.toFixed(3));
  }
  if (isOpenable(box)) {
    element.append(
      svgEl('rect', { class: 'box-toggle', x: width - 24, y: 2, width: 22, height: 24, rx: 4 }),
      svgEl(
        'text',
        { class: 'box-chevron', x: width - 13, y: 18, 'text-anchor': 'middle' },
        isOpen ? '−' : '+',
      ),
    );
  }
  return element;
}

/** Marks a box that is there: one made anew would lose the click that is under way on it. */
export function markBox(element: SVGGElement, { isActive, selection }: BoxMark): void {
  element.classList.toggle('is-active', isActive);
  element.classList.toggle('is-selected', selection === 'selected');
  element.classList.toggle('is-inside', selection === 'inside');
  element.setAttribute('aria-selected', String(selection === 'selected'));
}

/** Colour as a stripe; memory as a bar too, which needs no colour. */
function stripe({ colour, share }: BoxLook, width: number, height: number): SVGRectElement {
  return colour === 'memory'
    ? svgEl('rect', {
        class: 'box-stripe',
        width: (width - 8) * share,
        height: 3,
        x: 4,
        y: height - 6,
        rx: 1.5,
      })
    : svgEl('rect', { class: 'box-stripe', width: 4, height: height - 8, x: 4, y: 4, rx: 2 });
}

/** Where nothing is kept there is nothing to choose. */
const choiceClass = ({ choice, keptBytes }: BoxWords): string => (keptBytes > 0 ? `choice-${choice}` : '');

/** The end of a name is where names differ. */
const cut = (text: string, most: number): string =>
  text.length <= most ? text : `…${text.slice(text.length - Math.max(1, most - 1))}`;

const curve = line<{ x: number; y: number }>(
  ({ x }) => x,
  ({ y }) => y,
).curve(curveBasis);

/** What a box hands to another: thicker for more bytes. */
export function routeElement({ flow, points }: Route, isActive: boolean): SVGPathElement {
  const mib = flow.bytes / 2 ** 20;
  return svgEl(
    'path',
    {
      class: `graph-flow${isActive ? ' is-active' : ''}`,
      d: curve([...points]) ?? undefined,
      'stroke-width': (1 + Math.min(3, Math.log10(1 + mib))).toFixed(2),
    },
    svgEl('title', {}, formatMemory(flow.bytes)),
  );
}
