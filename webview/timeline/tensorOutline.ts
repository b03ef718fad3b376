import { svgEl, setAttributes } from '../base/dom';
import type { Run } from './painter';
import { outlineOf, type TensorStack } from './tensorStack';
import type { TimelineScale } from './timelineScale';

/** The shape of the tensor under the crosshair, over the bands. */
export function tensorOutline(): {
  element: SVGPathElement;
  show(stack: TensorStack, life: number, row: readonly Run[], scale: Pick<TimelineScale, 'y'>): void;
  hide(): void;
} {
  const element = svgEl('path', { class: 'tensor-outline' });
  return {
    element,
    hide: () => setAttributes(element, { d: undefined }),
    show(stack, life, row, { y }) {
      const { runs, lowerBytes, bytes } = outlineOf(stack, life, row);
      const upper = runs.map(({ left, right }, i) => {
        const at = y(lowerBytes[i] + bytes).toFixed(1);
        return `${left.toFixed(1)} ${at}H${right.toFixed(1)}`;
      });
      const lower = runs.map(({ left, right }, i) => {
        const at = y(lowerBytes[i]).toFixed(1);
        return `${right.toFixed(1)} ${at}H${left.toFixed(1)}`;
      });
      setAttributes(element, {
        d: runs.length === 0 ? undefined : `M${upper.join('L')}L${lower.reverse().join('L')}Z`,
      });
    },
  };
}
