import type { SizesAnswer, SizesQuestion } from '../session/sizes/sizesModel';
import type { Asked } from './machineQuestions';

/** Which plan for which size; without sizes, those that the inputs have. */
export type SizesRequest = Omit<SizesQuestion, 'inputs'>;
export type SizesState = Asked<SizesRequest, SizesAnswer>;
