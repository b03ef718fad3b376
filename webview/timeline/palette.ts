import { bands, type Band } from '../../planner-core/simulator/timeline';
import { el } from '../base/dom';
import type { LaneKind } from './spans';

export type InkName = Band | LaneKind | 'transfer' | 'outline' | 'background';

const laneKinds: readonly LaneKind[] = ['forward', 'loss', 'backward', 'optimizer', 'recompute'];
const inkNames: readonly InkName[] = [...bands, ...laneKinds, 'transfer', 'outline', 'background'];

/** Colours as the theme's style sheet resolves them: a canvas knows no custom properties. */
export type Palette = Readonly<Record<InkName, string>>;

/** Hidden elements whose background is each ink; read again after every change of theme. */
export function paletteProbe(): { element: HTMLElement; read(): Palette } {
  const probes = inkNames.map((name) => el('i', { class: `ink ink-${name}` }));
  return {
    element: el('div', { class: 'ink-probe', 'aria-hidden': 'true' }, ...probes),
    read: () =>
      Object.fromEntries(
        inkNames.map((name, i) => [name, getComputedStyle(probes[i]).backgroundColor]),
      ) as Palette,
  };
}
