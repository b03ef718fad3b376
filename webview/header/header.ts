import { formatMemory } from '../../planner-core/base/format';
import {
  exportGroups,
  isPicture,
  targetsOfGroup,
  type ExportTarget,
} from '../../planner-core/exporters/targets';
import { el, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { Plan } from '../../planner-core/plan/plan';
import { itemsAsShown } from '../picture/itemsAsShown';
import type { Connection } from '../state/connection';
import type { Pane, View } from '../state/view';
import { goalsPanel } from '../goals/goalsPanel';
import { machinePanel } from '../machine/machinePanel';
import { scalePanel } from '../scale/scalePanel';
import { stepSettings } from '../settings/stepSettings';
import { sizesPanel } from '../sizes/sizesPanel';
import { splitPanel } from '../split/splitPanel';
import type { Announcer } from '../ui/announcer';
import { menuButton, type MenuItem } from '../ui/menu';
import { counted, exportGroupTitles, exportTitles } from '../ui/names';
import { activity } from './activity';
import { notes } from './notes';
import { notices } from './notices';
import { proofLine } from './proofLine';
import { sentence, type Phrase } from './sentence';
import { unbrokenAmounts } from '../base/unbrokenAmounts';
import { workloadBar } from './workloadBar';
import { t } from '../base/l10n';

/** File, workload, the sentence that says what to do, export, progress and what to know about the numbers. */
export function header(connection: Connection, announcer: Announcer): Pane {
  const file = el('h1', { class: 'file-name' });
  const facts = el('span', { class: 'file-facts' });
  const words = el('p', { id: 'sentence' });
  const settings = stepSettings(connection);
  const goals = goalsPanel(connection, announcer);
  const questions = [
    sizesPanel(connection, announcer),
    splitPanel(connection, announcer),
    scalePanel(connection, announcer),
  ];
  const machine = machinePanel(connection);
  const bar = workloadBar(connection, machine.button, settings);
  const ring = activity(connection);
  const remarks = notes();
  const warnings = notices();
  const proof = proofLine(connection);
  let shownPlan: Plan | undefined;
  const exportMenu = menuButton(
    t('Export plan ▾'),
    'primary',
    exportGroups.map((group) => ({
      heading: exportGroupTitles[group],
      items: targetsOfGroup[group].flatMap((target) => exportItems(target, connection)),
      more: () => itemsAsShown(group, shownPlan, connection),
    })),
  );
  const element = el(
    'header',
    { class: 'header' },
    el(
      'div',
      { class: 'header-top' },
      file,
      facts,
      el(
        'div',
        { class: 'header-actions' },
        ring.element,
        remarks.buttons,
        goals.button,
        ...questions.map((panel) => panel.button),
        exportMenu,
      ),
    ),
    bar.element,
    machine.panel,
    settings.panel,
    goals.panel,
    ...questions.map(({ panel }) => panel),
    words,
    proof.element,
    warnings.element,
    remarks.panel,
  );

  const tell = memoizeLast((text: string) => {
    if (text) announcer.say(text);
  });
  const showModel = memoizeLast((model: View['host']['model'], readOnly: boolean) => {
    setText(file, model?.file ?? '');
    setText(facts, model ? factsOf(model, readOnly) : '');
    facts.title = facts.textContent;
  });
  return {
    element,
    render(view) {
      showModel(view.host.model, view.host.readOnly);
      showSentence(words, sentence(view), goals.open);
      words.hidden = !view.step;
      proof.render(view);
      ring.render(view);
    },
    renderDetails(view) {
      tell(words.textContent);
      exportMenu.hidden = !view.host.plan || !view.step;
      shownPlan = view.host.plan?.plan;
      bar.render(view);
      machine.render(view);
      settings.render(view);
      goals.render(view);
      for (const panel of questions) panel.render(view);
      remarks.render(view);
      warnings.render(view);
    },
  };
}

/** A picture can be had as pixels too. */
function exportItems(target: ExportTarget, connection: Connection): MenuItem[] {
  const label = exportTitles[target];
  const file = { label, onSelect: () => connection.send({ type: 'export', target }) };
  if (!isPicture(target)) return [file];
  const onSelect = (): void => connection.send({ type: 'picture', target });
  return [file, { label: label.replace('SVG', 'PNG'), onSelect }];
}

function factsOf(model: NonNullable<View['host']['model']>, readOnly: boolean): string {
  const facts = [
    model.producer ? t('{0} from {1}', model.format, model.producer) : model.format,
    counted(model.operatorCount, 'operator'),
    `${counted(model.parameterCount, 'parameter')}, ${formatMemory(model.parameterBytes)}`,
  ];
  if (readOnly) facts.push(t('read-only: Save asks for a place'));
  return facts.join(' · ');
}

function showSentence(element: HTMLElement, phrases: readonly Phrase[], openGoals: () => void): void {
  const text = phrases.map((phrase) => phrase.text).join(' ');
  if (element.textContent === text) return;
  element.replaceChildren(
    ...phrases.flatMap((phrase, i) => [...(i > 0 ? [' '] : []), phraseElement(phrase, openGoals)]),
  );
}

function phraseElement({ text, tone, opens }: Phrase, openGoals: () => void): HTMLElement {
  if (!opens) return el('span', { class: tone && `tone-${tone}` }, ...unbrokenAmounts(text));
  const link = el('button', { class: 'link-button', type: 'button' }, text);
  link.addEventListener('click', openGoals);
  return link;
}
