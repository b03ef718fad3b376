import { formatDuration, formatMemory } from '../../planner-core/base/format';
import { choices, type Choice, type PlanDevice } from '../../planner-core/plan/plan';
import type { PinPrice } from '../../planner-core/session/pinPrices';
import type { MeasuredLayer } from '../../planner-core/session/measuredLayers';
import type { LayerRow } from '../../planner-core/session/types';
import { deviceClass, deviceClasses } from '../base/deviceColour';
import { displayLabel } from '../state/layerTree';
import { el, setAttributes, setText } from '../base/dom';
import { measuredDifference, measuredMs, measuredRatio } from '../ui/measuredText';
import { choiceNames, deviceLabel } from '../ui/names';
import { pinPriceLabel, pinPriceText } from '../ui/pinPriceText';
import { snowflake } from '../ui/snowflake';
import type { RowDecision } from './effectiveChoice';
import { cheaperWay, swapText, type SwapCost } from './swapCosts';
import { t } from '../base/l10n';

/** Everything a row shows. */
export interface RowContent {
  readonly row: LayerRow;
  /** The PyTorch call an operator was read as. */
  readonly call: string | undefined;
  /** A module that can be frozen. */
  readonly freezable: boolean;
  /** The frozen module it is, or is inside of. */
  readonly frozenBy: string | undefined;
  /** Position in the table, from 0. */
  readonly position: number;
  readonly depth: number;
  /** undefined for rows without children. */
  readonly expanded: boolean | undefined;
  readonly selected: boolean;
  readonly active: boolean;
  readonly hovered: boolean;
  readonly decision: RowDecision;
  /** What the plan it is compared with does, where that is something else, and what that plan is called. */
  readonly other: RowDecision | undefined;
  readonly otherName: string;
  /** What the row's pin costs, once that is known. */
  readonly pinPrice: PinPrice | undefined;
  /** Shares of the in-cell bars, 0..1. */
  readonly keptShare: number;
  readonly forwardShare: number;
  readonly backwardShare: number;
  readonly devices: readonly PlanDevice[];
  /** What was measured of it, where measurements are shown. */
  readonly measured: MeasuredLayer | undefined;
  /** What it costs to do without what the layer keeps, where values may leave the device. */
  readonly swap: SwapCost | undefined;
  /** What it shares a device with, and why. */
  readonly together: string | undefined;
  /** The devices it can run on, where that is not all of them. */
  readonly runsOn: readonly string[] | undefined;
  readonly blocked: Readonly<Record<Choice, string | undefined>>;
}

export const rowHeight = 28;
const indentPx = 16;

/** What a person does with a row, by its position. */
export interface RowActions {
  toggle(position: number): void;
  choose(position: number, choice: Choice | undefined): void;
  place(position: number, device: string | undefined): void;
  freeze(position: number): void;
}

const pinWord = t('pin');

/** One element of the virtual table, filled with whichever row is in its place. */
export class RowView {
  readonly element: HTMLElement;
  private position = 0;
  private readonly expander = el('button', { class: 'expander', type: 'button', tabindex: '-1' });
  private readonly label = el('span', { class: 'layer-label' });
  private readonly type = el('span', { class: 'layer-type' });
  private readonly freeze = el('button', { class: 'freeze', type: 'button', tabindex: '-1' }, snowflake());
  private readonly layerCell: HTMLElement;
  private readonly keptBar = el('i', { class: 'bar' });
  private readonly keptText = el('span', { class: 'amount' });
  private readonly forwardBar = el('i', { class: 'bar bar-forward' });
  private readonly backwardBar = el('i', { class: 'bar bar-backward' });
  private readonly timeText = el('span', { class: 'amount' });
  private readonly measuredTime = el('span', { class: 'amount' });
  private readonly measuredRatio = el('span', { class: 'muted' });
  private readonly measuredBytes = el('span', { class: 'amount' });
  private readonly measuredDifference = el('span', { class: 'muted' });
  private readonly swapRecompute = el('span', { class: 'swap swap-recompute', 'aria-hidden': 'true' });
  private readonly swapOffload = el('span', { class: 'swap swap-offload', 'aria-hidden': 'true' });
  /** Both costs for those who hear them: signs say nothing. */
  private readonly swapWords = el('span', { class: 'visually-hidden' });
  private readonly swapCell = cell('cell-swap', this.swapRecompute, this.swapOffload, this.swapWords);
  private readonly buttons: Readonly<Record<Choice, HTMLButtonElement>>;
  private readonly mixed = el('span', { class: 'choice-note' });
  private readonly pin = el('button', { class: 'pin', type: 'button', tabindex: '-1' }, pinWord);
  private readonly device = el('select', { class: 'device-select', tabindex: '-1' });
  private readonly together = el('span', { class: 'together', 'aria-hidden': 'true' }, '⚭');
  private readonly deviceText = el('span', { class: 'device-text' });
  private readonly output = el('span', { class: 'output' });
  private readonly autoOption = el('option', { value: '' });
  private devices: readonly PlanDevice[] = [];
  private shown: RowContent | undefined;

  constructor(actions: RowActions) {
    this.layerCell = cell('cell-layer', this.expander, this.label, this.type, this.freeze);
    const button = (choice: Choice): HTMLButtonElement => {
      const made = el(
        'button',
        { type: 'button', tabindex: '-1', 'data-choice': choice },
        choiceNames[choice],
      );
      made.addEventListener('click', () => actions.choose(this.position, choice));
      return made;
    };
    this.buttons = { keep: button('keep'), recompute: button('recompute'), offload: button('offload') };
    this.element = el(
      'div',
      { class: 'row', role: 'row' },
      this.layerCell,
      cell('cell-kept', el('span', { class: 'bar-track' }, this.keptBar), this.keptText),
      cell('cell-time', el('span', { class: 'bar-track' }, this.forwardBar, this.backwardBar), this.timeText),
      cell('cell-measured', this.measuredTime, this.measuredRatio),
      cell('cell-measured', this.measuredBytes, this.measuredDifference),
      this.swapCell,
      cell(
        'cell-choice',
        el('span', { class: 'segmented', role: 'group' }, ...choices.map((choice) => this.buttons[choice])),
        this.mixed,
        this.pin,
      ),
      cell('cell-device', this.device, this.together, this.deviceText),
      cell('cell-output', this.output),
    );
    this.expander.addEventListener('click', (event) => {
      event.stopPropagation();
      actions.toggle(this.position);
    });
    this.freeze.addEventListener('click', () => actions.freeze(this.position));
    this.pin.addEventListener('click', () => actions.choose(this.position, undefined));
    this.device.addEventListener('change', () =>
      actions.place(this.position, this.device.value === '' ? undefined : this.device.value),
    );
  }

  update(content: RowContent): void {
    if (this.shown && sameContent(this.shown, content)) return;
    this.shown = content;
    this.position = content.position;
    this.showPlace(content);
    this.showKind(content);
    this.showAmounts(content);
    this.showMeasured(content);
    this.showSwap(content);
    this.showChoice(content);
    this.showDevice(content);
    setText(this.output, shortOutput(content.row.output));
    this.output.title = content.row.output;
  }

  private showPlace({
    row,
    position,
    depth,
    expanded,
    selected,
    active,
    hovered,
    decision,
  }: RowContent): void {
    setAttributes(this.element, {
      id: `layer-row-${row.id}`,
      'data-name': row.name,
      'data-kind': row.kind,
      'data-row': row.id,
      'data-vscode-context': menuContext(row),
      'data-pinned': decision.pinned || decision.pinnedDevice ? 'true' : undefined,
      // The header is row 1.
      'aria-rowindex': position + 2,
      'aria-level': depth + 1,
      'aria-expanded': expanded === undefined ? undefined : String(expanded),
      'aria-selected': String(selected),
    });
    this.element.classList.toggle('is-active', active);
    this.element.classList.toggle('is-hovered', hovered);
    this.element.style.top = `${position * rowHeight}px`;
    this.layerCell.style.paddingLeft = `${8 + depth * indentPx}px`;
    this.expander.classList.toggle('is-hidden', expanded === undefined);
    setText(this.expander, expanded ? '▾' : '▸');
    setAttributes(this.expander, {
      'aria-label': expanded ? t('Collapse {0}', row.label) : t('Expand {0}', row.label),
    });
  }

  /** What the layer is: its name and class or operator type, or the call it was read as; whether it is trained. */
  private showKind({ row, call, freezable, frozenBy }: RowContent): void {
    const own = displayLabel(row);
    setText(this.label, call ?? own);
    setText(this.type, call ? own : row.type === row.label ? '' : row.type);
    this.label.classList.toggle('is-read', call !== undefined);
    const kind = call ? t('{0}, read as {1}', row.type, call) : row.type;
    this.layerCell.title = kind ? `${row.name} · ${kind}` : row.name;
    const isFrozen = freezable && frozenBy !== undefined;
    const isOwn = frozenBy === row.name;
    this.freeze.hidden = !freezable;
    this.freeze.disabled = isFrozen && !isOwn;
    this.freeze.title = !isFrozen
      ? t('Freeze: requires_grad_(False) for its parameters (F)')
      : isOwn
        ? t('Frozen. Click to train it again (F)')
        : t('Frozen with {0}', frozenBy || t('the whole model'));
    this.freeze.setAttribute('aria-pressed', String(isFrozen));
    this.freeze.setAttribute('aria-label', t('Freeze {0}', row.name));
    this.element.classList.toggle('is-frozen', isFrozen);
  }

  private showAmounts({ row, decision, keptShare, forwardShare, backwardShare }: RowContent): void {
    this.keptBar.className = `bar bar-${row.kind === 'module' ? 'module' : decision.choice}`;
    this.keptBar.style.width = percent(keptShare);
    setText(this.keptText, row.savedBytes > 0 ? formatMemory(row.savedBytes) : '–');
    this.forwardBar.style.width = percent(forwardShare);
    this.backwardBar.style.width = percent(backwardShare);
    setText(this.timeText, formatDuration(row.forwardMs + row.backwardMs));
    this.timeText.title = t(
      'forward {0}, backward {1}',
      formatDuration(row.forwardMs),
      formatDuration(row.backwardMs),
    );
  }

  private showMeasured({ measured }: RowContent): void {
    const ms = measured ? measuredMs(measured) : NaN;
    const bytes = measured?.heldBytes ?? NaN;
    const isPartly = measured !== undefined && measured.ownShare < 1;
    setText(this.measuredTime, Number.isNaN(ms) ? '–' : formatDuration(ms));
    setText(this.measuredRatio, measured ? measuredRatio(measured) : '');
    setText(this.measuredBytes, Number.isNaN(bytes) ? '–' : formatMemory(bytes));
    setText(this.measuredDifference, measured && !Number.isNaN(bytes) ? measuredDifference(measured) : '');
    this.measuredTime.title = isPartly ? t('Not all of it was measured') : '';
    this.measuredRatio.title = t('Measured over predicted time of what was measured');
    this.measuredDifference.title = t('Against what the layer is predicted to make');
  }

  private showSwap({ swap }: RowContent): void {
    const way = swap && cheaperWay(swap);
    setText(
      this.swapRecompute,
      swap ? `↻ ${swap.recomputeMs === undefined ? '–' : formatDuration(swap.recomputeMs)}` : '',
    );
    setText(this.swapOffload, swap ? `⇅ ${formatDuration(swap.offloadMs)}` : '');
    this.swapRecompute.classList.toggle('is-cheaper', way === 'recompute');
    this.swapOffload.classList.toggle('is-cheaper', way === 'offload');
    const text = swap ? swapText(swap) : '';
    this.swapCell.title = text;
    setText(this.swapWords, text);
  }

  private showChoice({ row, decision, other, otherName, blocked, pinPrice }: RowContent): void {
    const otherChoice = other?.choice === decision.choice ? undefined : other?.choice;
    for (const choice of choices) {
      const button = this.buttons[choice];
      const reason = blocked[choice];
      const isOther = otherChoice === choice || otherChoice === 'mixed';
      const inOther = isOther ? t('{0} in {1}', choiceNames[otherChoice], otherName) : '';
      button.disabled = reason !== undefined;
      const hint = choiceHints[choice];
      const isPinned = decision.choice === choice && decision.pinned;
      button.title = [inOther, reason ?? (isPinned ? t('{0} (pinned)', hint) : hint)]
        .filter(Boolean)
        .join('. ');
      button.classList.toggle('is-other', isOther);
      button.setAttribute('aria-pressed', String(decision.choice === choice));
      button.setAttribute(
        'aria-label',
        [`${choiceNames[choice]} ${row.label}`, inOther].filter(Boolean).join(', '),
      );
    }
    setAttributes(this.element, { 'data-other': other?.choice });
    this.element.classList.toggle('is-pinned', decision.pinned);
    setText(this.mixed, decision.choice === 'mixed' ? choiceNames.mixed : '');
    this.pin.hidden = !decision.pinned;
    const price = pinPriceText(pinPrice);
    // The dot before it marks the pin; where there is a price it says more than the word.
    setText(this.pin, pinPriceLabel(pinPrice) || pinWord);
    this.pin.title = [t('Your choice.'), price, t('Click to hand it back to the planner')]
      .filter(Boolean)
      .join(' ');
    this.pin.setAttribute(
      'aria-label',
      [t('Release {0} to the planner.', row.label), price].filter(Boolean).join(' '),
    );
  }

  private showDevice({ row, decision, other, otherName, devices, together, runsOn }: RowContent): void {
    const several = devices.length > 1;
    this.device.hidden = !several;
    this.deviceText.hidden = several;
    this.element.draggable = several;
    const at = devices.findIndex(({ id }) => id === (decision.pinnedDevice ?? decision.device));
    this.element.classList.remove('has-device', ...deviceClasses);
    if (several && at >= 0) this.element.classList.add('has-device', deviceClass(at));
    this.together.hidden = !several || together === undefined;
    this.together.title = together ?? '';
    if (!several) {
      setText(this.deviceText, devices[0]?.id ?? '');
      return;
    }
    if (devices !== this.devices) {
      this.devices = devices;
      this.device.replaceChildren(
        this.autoOption,
        ...devices.map(({ id }) => el('option', { value: id }, id)),
      );
    }
    devices.forEach(({ id }, i) => {
      const option = this.device.options[i + 1];
      option.disabled = runsOn !== undefined && !runsOn.includes(id);
    });
    const isMoved = other !== undefined && other.device !== decision.device;
    const inOther = isMoved ? [t('{0} in {1}.', deviceLabel(other.device), otherName)] : [];
    this.device.title = [...inOther, deviceTitle(decision, runsOn)].join(' ');
    this.device.classList.toggle('is-other', isMoved);
    setText(this.autoOption, t('{0} (auto)', deviceLabel(decision.device)));
    this.device.value = decision.pinnedDevice ?? '';
    this.device.classList.toggle('is-pinned', decision.pinnedDevice !== undefined);
    this.device.setAttribute(
      'aria-label',
      [t('Device of {0}', row.label), ...inOther, together].filter(Boolean).join('. '),
    );
  }
}

function deviceTitle({ device, pinnedDevice }: RowDecision, runsOn: readonly string[] | undefined): string {
  const limit = runsOn ? [t('Runs on {0} only.', runsOn.join(' / '))] : [];
  const where = pinnedDevice
    ? t('You chose {0}.', pinnedDevice)
    : t('The planner chose {0}.', deviceLabel(device));
  return [...limit, where, t('Choose here (D), or drag the row to a device')].join(' ');
}

const choiceHints: Readonly<Record<Choice, string>> = {
  keep: t('Keep what backward needs in memory'),
  recompute: t('Free it after forward and compute it again in backward'),
  offload: t('Copy it to host memory after forward and back before backward'),
};

/** Long names of the usual types would leave no room for the shape. */
const shortOutput = (output: string): string =>
  output.replace(/ b?float(?=\d+$)/, (name) => (name === ' bfloat' ? ' bf' : ' fp'));

/** While the slider moves most rows stay as they are: comparing is much cheaper than writing to the page. */
function sameContent(a: RowContent, b: RowContent): boolean {
  const { decision: decisionA, blocked: blockedA, ...restA } = a;
  const { decision: decisionB, blocked: blockedB, ...restB } = b;
  return sameFields(restA, restB) && sameFields(decisionA, decisionB) && sameFields(blockedA, blockedB);
}

function sameFields<T extends object>(a: T, b: T): boolean {
  return (Object.keys(a) as (keyof T)[]).every((key) => a[key] === b[key]);
}

const percent = (share: number): string => `${(Math.min(Math.max(share, 0), 1) * 100).toFixed(2)}%`;

function cell(name: string, ...children: HTMLElement[]): HTMLElement {
  return el('div', { class: `cell ${name}`, role: 'gridcell' }, ...children);
}

/** What VS Code hands to the commands of the row's context menu. */
function menuContext({ name, kind }: LayerRow): string {
  return JSON.stringify({
    webviewSection: 'layer',
    headroomTargets: [{ target: name, kind }],
    preventDefaultContextMenuItems: true,
  });
}
