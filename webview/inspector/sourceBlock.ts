import type { SourceLine } from '../../planner-core/graph/sourceLine';
import type { LayerRow } from '../../planner-core/session/types';
import { el } from '../base/dom';
import { t } from '../base/l10n';

/** Where a layer comes from in the program it was exported from, as a link; nothing where the exporter did not say. */
export function sourceBlock({ source }: LayerRow, open: (source: SourceLine) => void): HTMLElement[] {
  if (!source) return [];
  const { file, line, inFunction } = source;
  const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  const link = el(
    'button',
    { class: 'link-button', type: 'button', title: t('{0}, line {1}, in {2}', file, line, inFunction) },
    t('Open {0}, line {1}', name, line),
  );
  link.addEventListener('click', () => open(source));
  return [el('p', { class: 'inspector-source' }, link)];
}
