import { el } from '../base/dom';
import { t } from '../base/l10n';
import type { Connection } from '../state/connection';
import { button } from '../ui/controls';

/** A file that can be read, and has nothing that runs: shown in the place of panes that would all be empty. */
export function emptyModelPanel(file: string, connection: Connection): HTMLElement {
  return el(
    'div',
    { id: 'empty-model', class: 'error-panel is-calm', role: 'status' },
    el('h2', {}, t('{0} has no operators.', file)),
    el(
      'p',
      {},
      t(
        'There is no step to show: the file has inputs and outputs, and nothing between them. Export the model again, with the module that does the work.',
      ),
    ),
    el(
      'div',
      { class: 'button-row' },
      button({
        label: t('Reload'),
        title: t('Read the model file again'),
        appearance: 'primary',
        onClick: () => connection.send({ type: 'reload' }),
      }),
    ),
  );
}
