import { formatLeastOverhead } from '../base/format';
import type { Prediction } from './plan';

/** `+2.1 %`; a bound of 0 says something only of a plan that adds nothing. */
export const provenLeastText = ({
  lowerBoundPercent,
  overheadPercent,
}: Pick<Prediction, 'lowerBoundPercent' | 'overheadPercent'>): string =>
  lowerBoundPercent > 0 || overheadPercent <= 0 ? formatLeastOverhead(lowerBoundPercent) : 'nothing yet';
