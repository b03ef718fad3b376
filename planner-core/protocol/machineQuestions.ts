import type { ErrorValue } from '../base/errors';
import { eachDevice } from '../devices/machine';
import type { PlanInputs } from '../plan/planInputs';
import type { ScaleAnswer, ScaleQuestion } from '../session/machines/scaleModel';
import type { SplitAnswer, SplitQuestion } from '../session/machines/splitModel';

/** A question about the document's inputs and what has come of it. */
export interface Asked<Question, Answer> {
  /** Rises with every question. */
  readonly run: number;
  readonly question: Question;
  /** What the answer is about: its edits lead from these inputs, and from no others. */
  readonly inputs: PlanInputs;
  readonly answer?: Answer;
  /** 0..1; absent once it is answered, or was cancelled. */
  readonly progress?: number;
  readonly error?: ErrorValue;
}

/** Where to cut the model; without devices, between the first two. */
export type SplitRequest = Partial<Omit<SplitQuestion, 'inputs'>>;
export type SplitState = Asked<SplitRequest, SplitAnswer>;

export type ScaleRequest = Omit<ScaleQuestion, 'inputs'>;
export type ScaleState = Asked<ScaleRequest, ScaleAnswer>;

/** What is asked when nobody has said anything else. */
export const defaultScaleRequest: ScaleRequest = { servers: 4, devicesPerServer: 8 };

/** The devices that a split is between: those asked for, as far as the machine has them, else its first two. */
export function splitBetween(
  { between }: SplitRequest,
  { devices }: Pick<PlanInputs, 'devices'>,
): readonly [string, string] | undefined {
  const ids = eachDevice(devices).map(({ id }) => id);
  if (between?.every((id) => ids.includes(id))) return between;
  return ids.length < 2 ? undefined : [ids[0], ids[1]];
}
