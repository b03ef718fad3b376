import { HeadroomError } from '../base/errors';

/** What was typed cannot be understood; `hint` says what would be, without one the help of the command does. */
export function badUsage(message: string, hint?: string): HeadroomError {
  return new HeadroomError('bad-usage', message, hint);
}
