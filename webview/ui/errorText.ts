import type { ErrorValue } from '../../planner-core/base/errors';
import { translated } from '../base/l10n';

/** What went wrong and what to do about it, in a line. */
export const errorText = ({ message, hint }: ErrorValue): string =>
  [message, ...(hint ? [hint] : [])].map(translated).join(' ');
