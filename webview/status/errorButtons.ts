import type { ErrorValue } from '../../planner-core/base/errors';
import { t } from '../base/l10n';
import type { Connection } from '../state/connection';
import { button, type ButtonOptions } from '../ui/controls';

/** What a person can do about an error: go on, or look closer. The first is what is most likely wanted. */
export function errorButtons({ code }: ErrorValue, connection: Connection): HTMLElement[] {
  const reload = (label: string, title: string): Omit<ButtonOptions, 'appearance'> => ({
    label,
    title,
    onClick: () => connection.send({ type: 'reload' }),
  });
  const log = { label: t('Show Log'), onClick: () => connection.send({ type: 'show-log' }) };
  if (code === 'cancelled')
    return [
      button({
        ...reload(t('Plan again'), t('Plan this model again, with the decisions there are')),
        appearance: 'primary',
      }),
    ];
  return [
    button({ ...reload(t('Reload'), t('Read the model file again')), appearance: 'primary' }),
    button({ ...log, appearance: 'secondary' }),
  ];
}
