import { svgEl } from '../base/dom';

const sizePx = 12;
const barbAngle = 0.5;

/** The sign for frozen parameters: six arms with two barbs each. */
export function snowflake(): SVGElement {
  const arms = Array.from({ length: 6 }, (_, arm) => {
    const angle = (arm * Math.PI) / 3 + Math.PI / 2;
    const at = (radius: number, turn: number): string =>
      `${(radius * Math.cos(angle + turn)).toFixed(2)} ${(radius * Math.sin(angle + turn)).toFixed(2)}`;
    return `M0 0L${at(5.5, 0)}M${at(5, barbAngle)}L${at(3, 0)}L${at(5, -barbAngle)}`;
  });
  return svgEl(
    'svg',
    { class: 'snowflake', width: sizePx, height: sizePx, viewBox: '-6 -6 12 12', 'aria-hidden': 'true' },
    svgEl('path', { d: arms.join('') }),
  );
}
