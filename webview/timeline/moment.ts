import { formatDuration, formatMemory } from '../../planner-core/base/format';
import { bands, type Band, type Timeline } from '../../planner-core/simulator/timeline';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import { shortName } from '../base/shortName';
import type { LayerTree } from '../state/layerTree';
import { bandNames } from '../../planner-core/simulator/timeline';
import { kindOfSample, type LaneKind } from './spans';

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
  return {
    title: momentTitle(kindOfSample(step, timeline, sample), step.nodeName[node]),
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

/** Backward nodes carry their phase in their name; loss and optimizer nodes say what they do. */
export function momentTitle(kind: LaneKind, nodeName: string): string {
  switch (kind) {
    case 'forward':
    case 'recompute':
      return `${kind} of ${nodeName}`;
    case 'backward':
      return nodeName.endsWith(' backward')
        ? `backward of ${nodeName.slice(0, -' backward'.length)}`
        : nodeName;
    case 'loss':
    case 'optimizer':
      return nodeName;
  }
}

/** A title whose path is cut, not what happens to it. */
export function shortTitle(title: string, most: number): string {
  const path = title.indexOf(' of ') + ' of '.length;
  return path < ' of '.length
    ? shortName(title, most)
    : title.slice(0, path) + shortName(title.slice(path), most);
}

/** One line for assistive technology. */
export function momentText(moment: Moment): string {
  const [largest] = moment.bands;
  const most = largest ? `, most of it ${bandNames[largest.band]} ${formatMemory(largest.bytes)}` : '';
  return `${formatDuration(moment.startMs)}: ${moment.title}, ${formatMemory(moment.liveBytes)} live${most}`;
}
