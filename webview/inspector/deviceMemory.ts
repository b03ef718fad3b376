import { formatMemory } from '../../planner-core/base/format';
import { deviceState, deviceStateText } from '../../planner-core/plan/deviceMemory';
import type { AllocatorView } from '../../planner-core/session/allocatorView';
import type { Moment } from '../../planner-core/session/moment';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { ShownPlan } from '../state/shownPlan';
import { t, translated } from '../base/l10n';

/**
 * What the plan's CUDA devices show as used: requested, allocated, reserved and, with the context, what nvidia-smi says.
 * Computed with the plan; while a preview is shown, the last numbers stay, dimmed.
 */
export function deviceMemory(): { element: HTMLElement; render(shown: ShownPlan | undefined): void } {
  const element = el('div', { class: 'device-memory' });
  const show = memoizeLast((views: readonly AllocatorView[], meetsBudget: boolean) =>
    element.replaceChildren(...views.flatMap((view) => deviceBlock(view, views.length > 1, meetsBudget))),
  );
  return {
    element,
    render(shown) {
      const waits = shown?.preview ?? false;
      element.classList.toggle('is-waiting', waits);
      element.ariaBusy = String(waits);
      if (!waits) show(shown?.allocators ?? none, shown?.fits ?? true);
    },
  };
}

const none: readonly AllocatorView[] = [];

function deviceBlock(view: AllocatorView, isOneOfSeveral: boolean, meetsBudget: boolean): HTMLElement[] {
  const { peaks, contextBytes, contextToleranceBytes } = view;
  const context =
    contextBytes > 0
      ? [
          t('in nvidia-smi'),
          `${formatMemory(view.totalBytes)} ± ${formatMemory(contextToleranceBytes)}`,
          t(
            'Reserved and {0} of CUDA context: driver, libraries, kernels. It differs between machines: set yours as headroom.allocator.contextMiB.',
            formatMemory(contextBytes),
          ),
        ]
      : [];
  const rows = [
    [
      t('requested'),
      formatMemory(view.requestedPeakBytes),
      t('What tensors ask for at most, {0}. The budget is about this number.', at(peaks.requested)),
    ],
    [
      t('allocated'),
      formatMemory(view.allocatedPeakBytes),
      t(
        "Blocks of PyTorch's caching allocator and cuBLAS workspaces: torch.cuda.max_memory_allocated(), {0}.",
        at(peaks.allocated),
      ),
    ],
    [
      t('reserved'),
      formatMemory(view.reservedPeakBytes),
      t(
        'Segments the allocator holds, cached ones included: torch.cuda.max_memory_reserved(), {0}. After a first step.',
        at(peaks.reserved),
      ),
    ],
    ...(context.length > 0 ? [context] : []),
  ];
  return [
    el('h3', {}, t('Memory of {0}', [...(isOneOfSeveral ? [view.device] : []), view.name].join(' · '))),
    usageBar(view),
    el(
      'dl',
      { class: 'facts' },
      ...rows.flatMap(([name, value, meaning]) => [
        el('dt', { title: meaning }, name),
        el('dd', { title: meaning }, value),
      ]),
    ),
    verdict(view, meetsBudget),
    ...view.unknown.map((what) => el('p', { class: 'muted' }, t('Not counted: {0}.', translated(what)))),
  ];
}

/** The parts side by side, against the device's memory. */
function usageBar({ breakdown, totalBytes, memoryBytes }: AllocatorView): HTMLElement {
  const scaleBytes = Math.max(totalBytes, memoryBytes);
  const texts = breakdown.map(({ label, bytes }) => `${translated(label)} ${formatMemory(bytes)}`);
  const bar = el('div', {
    class: totalBytes > memoryBytes ? 'usage-bar is-over' : 'usage-bar',
    role: 'img',
    'aria-label': t('{0}, of {1}', texts.join(', '), formatMemory(memoryBytes)),
  });
  bar.append(
    ...breakdown.map(({ label, bytes, meaning }, i) => {
      const part = el('span', { title: `${texts[i]}: ${translated(meaning)}`, 'data-part': label });
      part.style.width = `${(100 * bytes) / scaleBytes}%`;
      return part;
    }),
  );
  return bar;
}

/** Whether it fits the device; of a plan over its budget, which fits nothing that was asked for, only that the device is larger. */
function verdict(view: AllocatorView, meetsBudget: boolean): HTMLElement {
  const { fit, memoryBytes, outOfMemory } = view;
  const memory = formatMemory(memoryBytes);
  switch (fit) {
    case 'fits':
      if (!meetsBudget)
        return el(
          'p',
          { class: 'tone-warning' },
          t("Over the budget; the device's {0} would hold it.", memory),
        );
      if (deviceState(view) === 'just-fits')
        return el('p', { class: 'tone-warning' }, t('{0}.', translated(deviceStateText(view))));
      return el('p', { class: 'muted' }, t("Fits into the device's {0}.", memory));
    case 'fits-after-retries':
      return el(
        'p',
        {
          class: 'tone-warning',
          title: t('Each time, PyTorch waits for the device and asks the driver for memory again.'),
        },
        t('Fits into {0} only by giving cached memory back on the way: slow.', memory),
      );
    case 'out-of-memory':
      return el(
        'p',
        { class: 'tone-error' },
        outOfMemory
          ? t('Runs out of {0} {1}.', memory, at(outOfMemory))
          : t('Needs more than its {0}; another device runs out before it.', memory),
      );
  }
}

function at({ phase, node }: Moment): string {
  return node ? t('in {0}: {1}', translated(phase), node) : t('at the start of the step');
}
