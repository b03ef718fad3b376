import { defaultServerLink, linkCatalogue } from '../../planner-core/devices/linkCatalogue';
import { defaultScaleRequest, type ScaleRequest } from '../../planner-core/protocol/machineQuestions';
import { isBatchDimension } from '../../planner-core/step/dimensions';
import { el } from '../base/dom';
import type { View } from '../state/view';
import { dropdown, textField, type TextField } from '../ui/controls';
import type { QuestionFields } from '../ui/questionPanel';
import { t } from '../base/l10n';

const links = linkCatalogue.map(({ name, title }) => ({ value: name, label: title }));

/** The question as a sentence with fields: how many servers of how many devices, what links them, which batch. */
export function scaleFields(): QuestionFields<ScaleRequest> {
  let question = defaultScaleRequest;
  let shown: View | undefined;
  const change = (changes: Partial<ScaleRequest>): void => {
    question = { ...question, ...changes };
    if (shown) render(shown);
  };
  const countField = (label: string, onCount: (count: number) => void): TextField => {
    const field = textField({
      label,
      size: 4,
      onCommit(text) {
        const [count] = countsOf(text) ?? [];
        field.setInvalid(count === undefined ? t('A whole number of at least 1') : undefined);
        if (count !== undefined) onCount(count);
      },
    });
    return field;
  };
  const servers = countField(t('Servers'), (count) => change({ servers: count }));
  const devices = countField(t('Devices per server'), (count) => change({ devicesPerServer: count }));
  // Another device has another memory and other links.
  const device = dropdown(t('Device of the servers'), (name) => change({ device: name }));
  const serverLink = dropdown(t('Link between servers'), (name) => change({ serverLink: name }));
  const batch = textField({
    label: t('Samples of one update; empty: 4 micro-batches a device'),
    size: 6,
    onCommit(text) {
      const counts = text.trim() === '' ? [] : countsOf(text);
      batch.setInvalid(
        counts === undefined || counts.length > 1 ? t('A whole number of at least 1') : undefined,
      );
      if (counts && counts.length <= 1) change({ globalBatch: counts.at(0) });
    },
  });
  const sizes = textField({
    label: t('Sizes of a micro-batch to try, for example 1, 2, 4'),
    size: 6,
    onCommit(text) {
      const counts = countsOf(text);
      sizes.setInvalid(
        counts === undefined ? t('Whole numbers of at least 1, for example 1, 2, 4') : undefined,
      );
      if (counts) change({ microBatches: counts });
    },
  });
  const field = (...parts: readonly (Node | string)[]): HTMLElement =>
    el('span', { class: 'goal-field' }, ...parts);
  const microBatch = field(t('in micro-batches of'), sizes.element);

  const render = (view: View): void => {
    shown = view;
    const { deviceCatalogue } = view.host;
    servers.update(String(question.servers));
    devices.update(String(question.devicesPerServer));
    device.update(
      deviceCatalogue.map(({ name }) => ({ value: name, label: name })),
      question.device ?? view.inputs.devices[0].name,
    );
    serverLink.update(links, question.serverLink ?? defaultServerLink);
    const own = ownBatch(view);
    microBatch.hidden = own === undefined;
    const tried = question.microBatches ?? [own ?? 1];
    sizes.update(tried.join(', '));
    const count = question.servers * question.devicesPerServer;
    batch.update(String(question.globalBatch ?? 4 * count * tried[0]));
  };
  return {
    element: el(
      'div',
      { class: 'goal-question' },
      field(servers.element, t('servers with'), devices.element, device.element),
      field(t('linked by'), serverLink.element),
      field(t('a batch of'), batch.element),
      microBatch,
    ),
    get question() {
      return question;
    },
    set(asked) {
      question = asked;
    },
    render,
  };
}

/** Whole numbers of at least 1, with commas between them. */
function countsOf(text: string): number[] | undefined {
  const counts = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  return counts.every((count) => Number.isInteger(count) && count >= 1) ? counts : undefined;
}

/** The batch of the step on screen; undefined for a model without one. */
function ownBatch({ host, inputs }: View): number | undefined {
  const dim = host.model?.dims.find(({ name }) => isBatchDimension(name));
  return dim && (inputs.workload.dims[dim.name] ?? dim.assumed);
}
