import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { PlacementView } from '../../planner-core/session/types';
import { el } from '../base/dom';
import { facts } from './facts';
import { t } from '../base/l10n';

/** More links than these are not read; the busiest are what could hold a step up. */
const mostLinks = 8;

/** What each device and each link does in a step; nothing where there is nothing placed. */
export function placementBlock(placement: PlacementView | undefined): HTMLElement[] {
  if (!placement) return [];
  const { perDevice, channels } = placement;
  const used = channels
    .filter(({ busyMs }) => busyMs > 0)
    .sort((a, b) => b.busyMs - a.busyMs)
    .slice(0, mostLinks);
  return [
    el('h3', {}, t('Devices and links')),
    facts([
      ...perDevice
        .filter(({ busyMs, peakBytes }) => busyMs > 0 || peakBytes > 0)
        .map(({ device, busyMs, peakBytes }): [string, string] => [
          device,
          t('{0}, at most {1}', formatDuration(busyMs), formatMemory(peakBytes)),
        ]),
      ...used.map(({ name, busyMs, bytes }): [string, string] => [
        name,
        `${formatDuration(busyMs)}, ${formatMemory(bytes)}`,
      ]),
    ]),
  ];
}
