import type { Scenario } from '../lib/scenario';
import { accessibility } from './accessibility';
import { baselines } from './baselines';
import { brokenFile } from './broken-file';
import { sliderDrag, undoRedo } from './budget-slider';
import { chineseInterface } from './chinese';
import { citizenship } from './citizenship';
import { compareHead } from './compare-head';
import { comparePlans } from './compare-plans';
import { exportFiles } from './export';
import { exportEngines } from './export-engines';
import { firstMinute } from './first-minute';
import { whatFits } from './goals';
import { graph } from './graph';
import { hotExit } from './hot-exit';
import { inputSizesJob } from './input-sizes-job';
import { killedWorker } from './killed-worker';
import { keyboardOnly } from './keyboard-only';
import { layers } from './layers';
import { measurements } from './measurements';
import { offload } from './offload';
import { openByClick } from './open-by-click';
import { openPt2 } from './open-pt2';
import { pictures } from './pictures';
import { placement } from './placement';
import { proofStopped, proofTightens, solverBroken } from './proof';
import { chooseSaveReopen, externalChange } from './save';
import { scale } from './scale';
import { stepSettings } from './settings';
import { sizes } from './sizes';
import { split } from './split';
import { states } from './states';
import { timeline } from './timeline';
import { twoEditors } from './two-editors';
import { webHost } from './web-host';

/** In the order they run: what everything else rests on first. */
export const scenarios: readonly Scenario[] = [
  openByClick,
  openPt2,
  firstMinute,
  states,
  timeline,
  graph,
  layers,
  scale,
  sliderDrag,
  undoRedo,
  baselines,
  proofTightens,
  proofStopped,
  solverBroken,
  stepSettings,
  whatFits,
  placement,
  split,
  sizes,
  inputSizesJob,
  offload,
  chooseSaveReopen,
  externalChange,
  exportFiles,
  pictures,
  citizenship,
  compareHead,
  comparePlans,
  exportEngines,
  measurements,
  brokenFile,
  twoEditors,
  hotExit,
  keyboardOnly,
  accessibility,
  webHost,
  chineseInterface,
  killedWorker,
];
