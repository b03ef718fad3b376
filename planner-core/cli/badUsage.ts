import { HeadroomError } from '../base/errors';

export function badUsage(message: string): HeadroomError {
  return new HeadroomError('bad-usage', message, 'Run headroom --help.');
}
