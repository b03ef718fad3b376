import { HeadroomError } from '../base/errors';

/** What was typed cannot be understood; `hint` says what would be. */
export function badUsage(message: string, hint = 'Run headroom --help.'): HeadroomError {
  return new HeadroomError('bad-usage', message, hint);
}
