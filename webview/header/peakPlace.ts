import { peakSample } from '../timeline/columns';
import { momentTitle, shortTitle } from '../timeline/moment';
import { kindOfSample } from '../timeline/spans';
import type { Evaluation } from '../state/evaluation';
import type { LayerTree } from '../state/layerTree';

const longestPath = 48;

/** What runs at the peak of the first device, e.g. "backward of layer3.5.conv2"; '' for a step without computations. */
export function peakPlace(evaluation: Evaluation, tree: LayerTree): string {
  const { step } = evaluation;
  const timeline = evaluation.timeline(0);
  const sample = peakSample(timeline.liveBytes);
  if (sample < 0) return '';
  const node = timeline.node[sample];
  const row = tree.rowOfNode[node];
  const parent = row < 0 ? -1 : tree.layers[row].parent;
  const title = momentTitle(kindOfSample(step, timeline, sample), step.nodeName[node]);
  if (parent < 0) return shortTitle(title, longestPath);
  // People know their modules by name; operators are named by the exporter.
  const what = title.slice(0, title.indexOf(' of ') + ' of '.length);
  return shortTitle(what + tree.layers[parent].name, longestPath);
}
