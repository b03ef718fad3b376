import { formatDuration, formatMemory } from '../../planner-core/base/format';
import { bands, type Band, type Timeline } from '../../planner-core/simulator/timeline';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import { shortName } from '../base/shortName';
import type { LayerTree } from '../state/layerTree';
import { bandTitles } from '../ui/names';
import { kindOfSample, type LaneKind } from './spans';
import { t } from '../base/l10n';

/** What happens at one sample, for tooltips and for screen readers. */
export interface Moment {
  /** e.g. "backward of /h.0/mlp/Gelu". */
  readonly title: string;
  /** Path of the layer; '' where a node belongs to none. */
  readonly layer: string;
  readonly liveBytes: number;
  readonly startMs: number;
  readonly durationMs: number;
  /** Bands that hold anything, largest first. */
  readonly bands: readonly { readonly band: Band; readonly bytes: number }[];
}

export function momentAt(step: StepGraph, tree: LayerTree, timeline: Timeline, sample: number): Moment {
  const node = timeline.node[sample];
  const row = tree.rowOfNode[node];
  const parent = row >= 0 ? tree.layers[row].parent : -1;
  const kind = kindOfSample(step, timeline, sample);
  return {
    title: momentTitle(kind, step.nodeName[node]),
    layer: parent >= 0 ? tree.layers[parent].name : '',
    liveBytes: timeline.liveBytes[sample],
    startMs: timeline.startMs[sample],
    durationMs: timeline.endMs[sample] - timeline.startMs[sample],
    bands: bands
      .map((band) => ({ band, bytes: timeline.bandBytes[band][sample] }))
      .filter(({ bytes }) => bytes > 0)
      .sort((a, b) => b.bytes - a.bytes),
  };
}

const backwardSuffix = / backward$/;

/**
 * Backward nodes carry their phase in their name; loss and optimizer nodes say what they do. A name of more than `most`
 * characters is cut, not what happens to it.
 */
export function momentTitle(kind: LaneKind, nodeName: string, most = Infinity): string {
  switch (kind) {
    case 'forward':
    case 'recompute':
      return workTitle(kind, shortName(nodeName, most));
    case 'backward':
      return backwardSuffix.test(nodeName)
        ? workTitle(kind, shortName(nodeName.replace(backwardSuffix, ''), most))
        : shortName(nodeName, most);
    case 'loss':
    case 'optimizer':
      return shortName(nodeName, most);
  }
}

/** What is done to an operator or a module. */
export function workTitle(kind: Exclude<LaneKind, 'loss' | 'optimizer'>, path: string): string {
  switch (kind) {
    case 'forward':
      return t('forward of {0}', path);
    case 'recompute':
      return t('recompute of {0}', path);
    case 'backward':
      return t('backward of {0}', path);
  }
}

/** One line for assistive technology. */
export function momentText(moment: Moment): string {
  const [largest] = moment.bands;
  const at = formatDuration(moment.startMs);
  const live = formatMemory(moment.liveBytes);
  if (!largest) return t('{0}: {1}, {2} live', at, moment.title, live);
  const most = `${bandTitles[largest.band]} ${formatMemory(largest.bytes)}`;
  return t('{0}: {1}, {2} live, most of it {3}', at, moment.title, live, most);
}
