import type { Scenario } from '../lib/scenario';
import { accessibility } from './accessibility';
import { baselines } from './baselines';
import { brokenFile } from './broken-file';
import { sliderDrag, undoRedo } from './budget-slider';
import { exportFiles } from './export';
import { whatFits } from './goals';
import { hotExit } from './hot-exit';
import { keyboardOnly } from './keyboard-only';
import { measurements } from './measurements';
import { openByClick } from './open-by-click';
import { openPt2 } from './open-pt2';
import { placement } from './placement';
import { proofStopped, proofTightens, solverBroken } from './proof';
import { chooseSaveReopen, externalChange } from './save';
import { stepSettings } from './settings';
import { split } from './split';
import { twoEditors } from './two-editors';
import { webHost } from './web-host';

/** In the order they run: what everything else rests on first. */
export const scenarios: readonly Scenario[] = [
  openByClick,
  openPt2,
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
  chooseSaveReopen,
  externalChange,
  exportFiles,
  measurements,
  brokenFile,
  twoEditors,
  hotExit,
  keyboardOnly,
  accessibility,
  webHost,
];
