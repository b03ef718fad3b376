import type { HeadroomError } from '../base/errors';
import { jsonChecks, type Check } from '../base/jsonChecks';
import type { PlannedOffload } from './offloadTarget';
import { choices, type Decision, type PlannedRecomputation } from './plan';

type Bad = (path: string, what: string) => HeadroomError;

/** Reads decisions as plan files write them. */
export function decisionChecks(bad: Bad): Check<Decision[]> {
  const { string, nonEmpty, boolean, oneOf, listOf, objectOf } = jsonChecks(bad);
  return listOf(
    objectOf<Decision>(
      {
        target: string,
        kind: oneOf(['module', 'operator']),
        choice: oneOf(choices),
        device: nonEmpty,
        pinned: boolean,
      },
      ['choice', 'device', 'pinned'],
    ),
  );
}

/** Reads recomputations as plan files write them. */
export function recomputationChecks(bad: Bad): Check<PlannedRecomputation[]> {
  const { nonEmpty, listOf, objectOf } = jsonChecks(bad);
  return listOf(
    objectOf<PlannedRecomputation>({ before: nonEmpty, operator: nonEmpty, device: nonEmpty }, ['device']),
  );
}

/** Reads what is away for a part of the step as plan files write it. */
export function offloadChecks(bad: Bad): Check<PlannedOffload[]> {
  const { nonEmpty, listOf, objectOf } = jsonChecks(bad);
  return listOf(
    objectOf<PlannedOffload>({ value: nonEmpty, goneBefore: nonEmpty, fetchBefore: listOf(nonEmpty) }, [
      'goneBefore',
    ]),
  );
}
