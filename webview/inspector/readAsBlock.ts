import type { Recognition } from '../../planner-core/recognition/recognise';
import { recognitionSummary } from '../../planner-core/session/recognitionSummary';
import type { LayerRow } from '../../planner-core/session/types';
import { el } from '../base/dom';
import { rowsInside } from '../state/layerTree';
import { isCall } from '../state/recognised';
import type { StepModel } from '../state/view';
import { counted } from '../ui/names';
import { t } from '../base/l10n';

/**
 * What a row's operators were read as, and from what. An operator has a switch that takes it as exported, a module says
 * what is in it.
 */
export function readAsBlock(
  step: StepModel,
  row: LayerRow,
  asExported: readonly string[],
  onChange: (asExported: readonly string[]) => void,
): HTMLElement[] {
  const found = recognitionsInside(step, row);
  const isOff = row.kind === 'operator' && asExported.includes(row.name);
  if (found.length === 0 && !isOff) return [];
  const heading = el('h3', {}, t('Read as'));
  if (row.kind === 'module') return [heading, summaryList(found)];
  // What was put back to an operator that stays goes by its pattern, in the step settings.
  if (!isOff && !found.some(isCall)) return [heading, ...found.flatMap(reading)];
  const box = el('input', { type: 'checkbox' });
  box.checked = isOff;
  box.addEventListener('change', () => {
    const others = asExported.filter((entry) => entry !== row.name);
    onChange(box.checked ? [...others, row.name] : others);
  });
  return [
    heading,
    ...(isOff ? [el('p', { class: 'muted' }, t('What the file has, not a PyTorch call.'))] : []),
    ...found.flatMap(reading),
    el(
      'label',
      { class: 'as-exported', title: t('Take this operator as the file has it, not as a PyTorch call') },
      box,
      t('as exported'),
    ),
  ];
}

function recognitionsInside({ recognitions, tree }: StepModel, row: LayerRow): Recognition[] {
  return rowsInside(tree, row.id).flatMap((id) => {
    const { kind, name } = tree.layers[id];
    return kind === 'operator' ? (recognitions.get(name) ?? []) : [];
  });
}

/** One reading of an operator: the call, the pieces it was made of, and who says so. */
function reading(recognition: Recognition): HTMLElement[] {
  const { readAs, pieces, by } = recognition;
  return [
    el('p', { class: 'read-as' }, el('code', {}, readAs)),
    el(
      'p',
      { class: 'muted' },
      by === 'metadata'
        ? t("Confirmed by the exporter's metadata.")
        : t('By structure only: nothing in the file says so.'),
    ),
    ...(isCall(recognition)
      ? [
          el(
            'details',
            { class: 'pieces' },
            el('summary', {}, t('from {0} of the file', counted(pieces.length, 'operator'))),
            el('ul', {}, ...pieces.map((piece) => el('li', { title: piece }, piece))),
          ),
        ]
      : []),
  ];
}

function summaryList(found: readonly Recognition[]): HTMLElement {
  return el(
    'ul',
    { class: 'readings' },
    ...recognitionSummary(found).map(({ pattern, readAs, count }) =>
      el('li', { title: readAs }, `${count.toLocaleString('en')} × ${pattern}`),
    ),
  );
}
