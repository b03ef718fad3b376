import { shortName } from '../base/shortName';
import { peakSample } from '../timeline/columns';
import { momentTitle, workTitle } from '../timeline/moment';
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
  const kind = kindOfSample(step, timeline, sample);
  if (parent < 0 || kind === 'loss' || kind === 'optimizer')
    return momentTitle(kind, step.nodeName[node], longestPath);
  // People know their modules by name; operators are named by the exporter.
  return workTitle(kind, shortName(tree.layers[parent].name, longestPath));
}
