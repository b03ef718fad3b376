import type { PlanInputs } from '../plan/planInputs';
import type { PlannerSession } from '../session/plannerSession';

/**
 * Words to the user about what Headroom does not know in this model, and about options that name readings or operators
 * and change nothing in it.
 */
export function readingNotes(session: PlannerSession, inputs: PlanInputs): string[] {
  return [
    ...unknownOperators(session),
    ...namesWithoutEffect(session, inputs),
    ...pinsWithoutEffect(session, inputs),
  ];
}

function unknownOperators({ summary: { unprofiledOperators: types } }: PlannerSession): string[] {
  return types.length === 0
    ? []
    : [
        `Headroom does not know ${types.join(', ')}: such operators are taken to keep what they read for backward and ` +
          'to compute nothing, so numbers may be too low.',
      ];
}

/** `--as-exported` names that are neither a pattern found in the model nor one of its operators. */
function namesWithoutEffect(session: PlannerSession, inputs: PlanInputs): string[] {
  const { asExported } = inputs.workload;
  if (asExported.length === 0) return [];
  const { recognitions } = session.configure({ ...inputs, workload: { ...inputs.workload, asExported: [] } });
  const patterns = new Set(recognitions.map(({ pattern }) => pattern));
  const known = new Set([...patterns, ...recognitions.map(({ operator }) => operator)]);
  return asExported
    .filter((name) => !known.has(name))
    .map(
      (name) =>
        `--as-exported ${name} changes nothing: this model has ${[...patterns].join(', ') || 'no readings'}.`,
    );
}

/** Pins of operators that are read as part of a call: it is the call that can be pinned. */
function pinsWithoutEffect(session: PlannerSession, inputs: PlanInputs): string[] {
  if (inputs.pins.length === 0) return [];
  const { recognitions } = session.configure(inputs);
  return inputs.pins.flatMap(({ kind, target }) => {
    const call = recognitions.find(({ operator, pieces }) => operator !== target && pieces.includes(target));
    return kind === 'operator' && call
      ? [
          `--pin ${target} has no effect: it is read as part of ${call.readAs}. ` +
            `Pin ${call.operator}, or give --as-exported ${call.operator}.`,
        ]
      : [];
  });
}
