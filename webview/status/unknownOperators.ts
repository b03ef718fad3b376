import type { ModelSummary } from '../../planner-core/session/types';
import { el } from '../base/dom';
import { t } from '../base/l10n';
import { button } from '../ui/controls';

/** Types named before it says how many more there are. */
const mostNamed = 3;

/** That the file has operators whose type is not known: what that means for every number, and where they are. */
export function unknownOperatorsBanner(
  { unprofiledOperators: types }: Pick<ModelSummary, 'unprofiledOperators'>,
  onShow: (filter: string) => void,
): HTMLElement {
  const named = types.slice(0, mostNamed).join(', ');
  const names = types.length > mostNamed ? t('{0} and {1} more', named, types.length - mostNamed) : named;
  return el(
    'div',
    { class: 'banner banner-warning', role: 'status', 'data-banner': 'unknown-operators' },
    el(
      'span',
      {},
      t(
        'Headroom does not know {0}: such operators are taken to keep what they read for backward and to compute nothing, so numbers may be too low.',
        names,
      ),
    ),
    button({
      label: t('Show in layers'),
      title: t('Show the operators of the first of these types in the layers'),
      appearance: 'secondary',
      // A domain is not part of what a row calls its type.
      onClick: () => onShow(`type:${types[0].split('::').at(-1)}`),
    }),
  );
}
