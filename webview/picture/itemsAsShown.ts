import type { ExportGroup } from '../../planner-core/exporters/targets';
import type { Plan } from '../../planner-core/plan/plan';
import type { ShownForm } from '../../planner-core/protocol/shownThings';
import { t } from '../base/l10n';
import type { Connection } from '../state/connection';
import type { MenuItem } from '../ui/menu';
import { saveShown, shownThings } from './shownThings';

/** What is on screen, to be exported as it is: panes as pictures, tables as CSV. */
export function itemsAsShown(group: ExportGroup, plan: Plan | undefined, connection: Connection): MenuItem[] {
  const item = (label: string, name: string, form: ShownForm): MenuItem => ({
    label,
    onSelect: () => saveShown(name, form, plan, connection),
  });
  const { pictures, tables } = shownThings(plan);
  if (group === 'pictures')
    return pictures.flatMap((name) => [
      item(t('{0}, as shown (SVG)', name), name, 'svg'),
      item(t('{0}, as shown (PNG)', name), name, 'png'),
    ]);
  if (group === 'tables') return tables.map((name) => item(t('{0}, as shown (CSV)', name), name, 'csv'));
  return [];
}
