import { formatMemory } from '../../planner-core/base/format';
import type { AllocatorView } from '../../planner-core/session/allocatorView';
import type { Moment } from '../../planner-core/session/moment';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { ShownPlan } from '../state/shownPlan';

/**
 * What the plan's CUDA devices show as used: requested, allocated, reserved and, with the context, what nvidia-smi says.
 * Computed with the plan; while a preview is shown, the last numbers stay, dimmed.
 */
export function deviceMemory(): { element: HTMLElement; render(shown: ShownPlan | undefined): void } {
  const element = el('div', { class: 'device-memory' });
  const show = memoizeLast((views: readonly AllocatorView[]) =>
    element.replaceChildren(...views.flatMap((view) => deviceBlock(view, views.length > 1))),
  );
  return {
    element,
    render(shown) {
      const waits = shown?.preview ?? false;
      element.classList.toggle('is-waiting', waits);
      element.ariaBusy = String(waits);
      if (!waits) show(shown?.allocators ?? none);
    },
  };
}

const none: readonly AllocatorView[] = [];

function deviceBlock(view: AllocatorView, isOneOfSeveral: boolean): HTMLElement[] {
  const { peaks, contextBytes, contextToleranceBytes } = view;
  const context =
    contextBytes > 0
      ? [
          'in nvidia-smi',
          `${formatMemory(view.totalBytes)} ± ${formatMemory(contextToleranceBytes)}`,
          `Reserved and ${formatMemory(contextBytes)} of CUDA context: driver, libraries, kernels. It differs between machines: set yours as headroom.allocator.contextMiB.`,
        ]
      : [];
  const rows = [
    [
      'requested',
      formatMemory(view.requestedPeakBytes),
      `What tensors ask for at most, ${at(peaks.requested)}. The budget is about this number.`,
    ],
    [
      'allocated',
      formatMemory(view.allocatedPeakBytes),
      `Blocks of PyTorch's caching allocator and cuBLAS workspaces: torch.cuda.max_memory_allocated(), ${at(peaks.allocated)}.`,
    ],
    [
      'reserved',
      formatMemory(view.reservedPeakBytes),
      `Segments the allocator holds, cached ones included: torch.cuda.max_memory_reserved(), ${at(peaks.reserved)}. After a first step.`,
    ],
    ...(context.length > 0 ? [context] : []),
  ];
  return [
    el('h3', {}, `Memory of ${isOneOfSeveral ? `${view.device} · ` : ''}${view.name}`),
    usageBar(view),
    el(
      'dl',
      { class: 'facts' },
      ...rows.flatMap(([name, value, meaning]) => [
        el('dt', { title: meaning }, name),
        el('dd', { title: meaning }, value),
      ]),
    ),
    verdict(view),
    ...view.unknown.map((what) => el('p', { class: 'muted' }, `Not counted: ${what}.`)),
  ];
}

/** The parts side by side, against the device's memory. */
function usageBar({ breakdown, totalBytes, memoryBytes }: AllocatorView): HTMLElement {
  const scaleBytes = Math.max(totalBytes, memoryBytes);
  const texts = breakdown.map(({ label, bytes }) => `${label} ${formatMemory(bytes)}`);
  const bar = el('div', {
    class: totalBytes > memoryBytes ? 'usage-bar is-over' : 'usage-bar',
    role: 'img',
    'aria-label': `${texts.join(', ')}, of ${formatMemory(memoryBytes)}`,
  });
  bar.append(
    ...breakdown.map(({ label, bytes, meaning }, i) => {
      const part = el('span', { title: `${texts[i]}: ${meaning}`, 'data-part': label });
      part.style.width = `${(100 * bytes) / scaleBytes}%`;
      return part;
    }),
  );
  return bar;
}

function verdict({ fit, memoryBytes, outOfMemory }: AllocatorView): HTMLElement {
  const memory = formatMemory(memoryBytes);
  switch (fit) {
    case 'fits':
      return el('p', { class: 'muted' }, `Fits into the device's ${memory}.`);
    case 'fits-after-retries':
      return el(
        'p',
        {
          class: 'tone-warning',
          title: 'Each time, PyTorch waits for the device and asks the driver for memory again.',
        },
        `Fits into ${memory} only by giving cached memory back on the way: slow.`,
      );
    case 'out-of-memory':
      return el(
        'p',
        { class: 'tone-error' },
        outOfMemory
          ? `Runs out of ${memory} ${at(outOfMemory)}.`
          : `Needs more than its ${memory}; another device runs out before it.`,
      );
  }
}

function at({ phase, node }: Moment): string {
  return node ? `in ${phase}: ${node}` : 'at the start of the step';
}
