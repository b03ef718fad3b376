import {
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
} from 'd3';
import { appendTo } from '../../planner-core/base/groups';
import type { BaselineFamily } from '../../planner-core/planners/baselines/baseline';
import type { BaselinePoint } from '../../planner-core/planners/frontier';
import { t, translated } from '../base/l10n';

/** Word in the legend, and what it stands for. */
export const familyNames: Readonly<Record<BaselineFamily, readonly [word: string, meaning: string]>> = {
  modules: [t('blocks'), t('Rules for which blocks are checkpointed')],
  operators: [t('operators'), t('Selective checkpointing by the type of operators')],
  chen: [t('Chen'), t('Chen et al. 2016, as Checkmate defines it')],
  pytorch: ['PyTorch', t('PyTorch’s activation_memory_budget')],
  dtr: ['DTR', t('Dynamic tensor rematerialisation, simulated')],
  checkmate: ['LP', t('Checkmate’s relaxation, rounded')],
  offload: [t('swapping'), t('Rules that send values to host memory: DELTA, vDNN')],
};

const shapes = {
  modules: symbolCircle,
  operators: symbolSquare,
  chen: symbolTriangle,
  pytorch: symbolDiamond,
  dtr: symbolCross,
  checkmate: symbolStar,
  offload: symbolWye,
} as const;

/** Path of a family's mark around the origin: a shape each, so that nothing depends on colour. */
export const familyMark = (family: BaselineFamily): string => symbol(shapes[family], 34).digits(2)()!;

/** Rules of a family whose plans come to the same. */
export interface BaselineGroup {
  readonly family: BaselineFamily;
  readonly points: readonly [BaselinePoint, ...BaselinePoint[]];
  /** Name of the first, and how many more there are. */
  readonly label: string;
}

/** Families of many settings: of these, what another one of the family beats is in the table only. */
const thinned: readonly BaselineFamily[] = ['chen', 'pytorch', 'dtr'];

/** The rules of the families that are not hidden, by ascending peak; those at the same place as one. */
export function baselineGroups(
  baselines: readonly BaselinePoint[],
  hidden: readonly BaselineFamily[],
): BaselineGroup[] {
  const groups = new Map<string, [BaselinePoint, ...BaselinePoint[]]>();
  for (const point of baselines) {
    if (hidden.includes(point.family)) continue;
    if (thinned.includes(point.family) && baselines.some((other) => beats(other, point))) continue;
    const key = `${point.family} ${point.peakBytes} ${point.overheadPercent}`;
    appendTo(groups, key, point);
  }
  return [...groups.values()]
    .map((points): BaselineGroup => ({
      family: points[0].family,
      points,
      label: [translated(points[0].name), ...(points.length > 1 ? [`(+${points.length - 1})`] : [])].join(
        ' ',
      ),
    }))
    .sort((a, b) => a.points[0].peakBytes - b.points[0].peakBytes);
}

/** Is a rule of the same family faster in no more memory, or smaller in no more time? */
function beats(other: BaselinePoint, point: BaselinePoint): boolean {
  const isNoWorse = other.peakBytes <= point.peakBytes && other.overheadPercent <= point.overheadPercent;
  const isSame = other.peakBytes === point.peakBytes && other.overheadPercent === point.overheadPercent;
  return other.family === point.family && isNoWorse && !isSame;
}
