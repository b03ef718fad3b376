import type { ErrorCode, ErrorValue } from '../../planner-core/base/errors';
import { t } from '../base/l10n';
import type { Connection } from '../state/connection';
import { button } from '../ui/controls';

/** Errors of what a person has set: taking the last change back is the way out, reading the file again is none. */
const ofSettings: ReadonlySet<ErrorCode> = new Set(['bad-workload', 'bad-machine', 'unknown-device']);

/** What a person can do about an error: go on, or look closer. The first is what is most likely wanted. */
export function errorButtons({ code }: ErrorValue, connection: Connection): HTMLElement[] {
  const reload = (label: string, title: string): HTMLElement =>
    button({ label, title, appearance: 'primary', onClick: () => connection.send({ type: 'reload' }) });
  if (code === 'cancelled')
    return [reload(t('Plan again'), t('Plan this model again, with the decisions there are'))];
  if (!ofSettings.has(code))
    return [reload(t('Reload'), t('Read the model file again')), logButton(connection)];
  const undo = button({
    label: t('Undo'),
    title: t('Take the last change back'),
    appearance: 'primary',
    onClick: () => connection.undo(),
  });
  return [undo, logButton(connection)];
}

export const logButton = (connection: Connection): HTMLElement =>
  button({
    label: t('Show Log'),
    appearance: 'secondary',
    onClick: () => connection.send({ type: 'show-log' }),
  });
