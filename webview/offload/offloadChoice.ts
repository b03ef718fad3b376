import type { OffloadPlace } from '../../planner-core/plan/offloadTarget';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import { el, setText } from '../base/dom';
import { t } from '../base/l10n';
import { memoizeLast } from '../base/memoize';
import type { Connection } from '../state/connection';
import { dropdown } from '../ui/controls';
import { linkTitle, ratesTitle, usualLinkText } from './links';

type Means = OffloadPlace | 'recompute';

const means: readonly { readonly value: Means; readonly label: string }[] = [
  { value: 'recompute', label: t('recompute') },
  { value: 'host', label: t('recompute + offload to host') },
  { value: 'storage', label: t('recompute + offload to storage') },
];

/** What plans may do to fit, and over which link values leave; the link leads to its settings. */
export function offloadChoice(
  connection: Connection,
  openSettings: () => void,
): { readonly element: HTMLElement; render(inputs: PlanInputs): void } {
  const choice = dropdown(t('What plans may do to fit'), (value) => {
    const to = value as Means;
    connection.edit({ kind: 'offload', offload: to === 'recompute' ? undefined : { to } });
  });
  const link = el('button', {
    class: 'link-button offload-link',
    type: 'button',
    title: t('Change the link, its rate and the room there, in the step settings'),
  });
  link.addEventListener('click', openSettings);
  const show = memoizeLast((inputs: PlanInputs) => {
    const { offload } = inputs;
    choice.update([...means], offload?.to ?? 'recompute');
    link.hidden = offload === undefined;
    if (offload) setText(link, t('over {0}', linkText(inputs, offload)));
  });
  return {
    element: el(
      'div',
      { class: 'chip' },
      el('span', { class: 'chip-caption', 'aria-hidden': 'true' }, t('to fit')),
      choice.element,
      link,
    ),
    render: show,
  };
}

/** `PCIe 4.0 x16 · 24 GB/s`; what usually leads there where no link is chosen. */
const linkText = (inputs: PlanInputs, { to, link }: NonNullable<PlanInputs['offload']>): string =>
  link ? `${linkTitle(link.name, to)} · ${ratesTitle(link)}` : usualLinkText(inputs, to);
