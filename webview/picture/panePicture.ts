import { pageMargin, pageWidth, svgPage, type PageLook } from '../../planner-core/exporters/pictures/svgPage';
import { planCaption } from '../../planner-core/exporters/pictures/planCaption';
import type { Plan } from '../../planner-core/plan/plan';
import { drawnElement } from './drawnElement';
import { paintOf } from './paint';

/** A part of the view as it is on screen, in the colours of the theme, with the title and the assumptions of the plan. */
export function panePicture(pane: Element, name: string, plan: Plan): string {
  const { x, y, width, height } = pane.getBoundingClientRect();
  const { left, right, top } = pageMargin;
  const page = Math.max(pageWidth, Math.ceil(left + width + right));
  return svgPage(
    planCaption(plan, name),
    Math.ceil(top + height),
    [
      `<svg x="${left}" y="${top}" width="${width}" height="${height}" viewBox="${x} ${y} ${width} ${height}">`,
      ...drawnElement(pane),
      '</svg>',
    ],
    lookOf(pane, page),
  );
}

function lookOf(pane: Element, width: number): PageLook {
  const ink = paintOf(getComputedStyle(pane).color)?.colour ?? '#000';
  return { width, ink, mutedInk: ink, background: groundBelow(pane) };
}

/** The colour that a part of the page is drawn on. */
function groundBelow(element: Element | null): string {
  if (!element) return '#fff';
  const ground = paintOf(getComputedStyle(element).backgroundColor);
  return ground?.opacity === 1 ? ground.colour : groundBelow(element.parentElement);
}
