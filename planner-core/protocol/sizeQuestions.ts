import type { SizesAnswer, SizesQuestion } from '../session/sizes/sizesModel';
import type { Asked } from './machineQuestions';

/** Which plan for which size; without sizes, those that the inputs have. */
export type SizesRequest = Omit<SizesQuestion, 'inputs'>;
export type SizesState = Asked<SizesRequest, SizesAnswer>;

/** What a file is chosen for: the sizes themselves, or what was measured at some of them. */
export type SizesFileRole = 'sizes' | 'measurements';

/** What is asked when nobody has said anything else. */
export const defaultSizesRequest: SizesRequest = { compare: true };
