import { nameHint } from '../base/didYouMean';
import { HeadroomError } from '../base/errors';
import type { PlannerSession } from '../session/plannerSession';
import { dimsOf, type Options } from './options';

/** Throws 'bad-workload' for a `--dim` that names nothing in the one model it was typed for. */
export function requireKnownDims(session: PlannerSession, options: Pick<Options, 'dim'>): void {
  const [unknown] = unknownDims(session, options);
  if (unknown === undefined) return;
  const names = session.dimensionNames;
  throw new HeadroomError(
    'bad-workload',
    `--dim ${unknown}: the model has no dimension "${unknown}".`,
    names.length > 0
      ? nameHint(unknown, names, `Dimensions: ${names.join(', ')}.`)
      : 'All its sizes are fixed: export it with dynamic axes.',
    { file: session.summary.file },
  );
}

/** Dimensions that were typed and that the model does not have. */
export function unknownDims(session: PlannerSession, options: Pick<Options, 'dim'>): string[] {
  const known = new Set(session.dimensionNames);
  return Object.keys(dimsOf(options)).filter((name) => !known.has(name));
}
