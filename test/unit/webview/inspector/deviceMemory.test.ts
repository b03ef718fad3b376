// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import type { AllocatorView } from '../../../../planner-core/session/allocatorView';
import { deviceMemory } from '../../../../webview/inspector/deviceMemory';
import type { ShownPlan } from '../../../../webview/state/shownPlan';
import { gib, sampleState, viewOf } from '../support/sample';

const moment = { phase: 'backward', node: 'h.3', module: 'h' };
const view: AllocatorView = {
  device: 'gpu0',
  name: 'RTX 4090',
  memoryBytes: 24 * gib,
  allocator: 'default',
  requestedPeakBytes: 12 * gib,
  allocatedPeakBytes: 13 * gib,
  reservedPeakBytes: 15 * gib,
  contextBytes: gib / 2,
  contextToleranceBytes: gib / 8,
  workspaceBytes: gib / 4,
  totalBytes: 15.5 * gib,
  breakdown: [
    { label: 'tensors', bytes: 12 * gib, meaning: 'alive' },
    { label: 'cached', bytes: 3 * gib, meaning: 'free' },
    { label: 'CUDA context', bytes: gib / 2, meaning: 'driver' },
  ],
  peaks: { requested: moment, allocated: moment, reserved: { phase: 'start', node: '', module: '' } },
  fit: 'fits',
  unknown: ['cuDNN workspaces'],
};

async function shownWith(allocators: readonly AllocatorView[], preview = false): Promise<ShownPlan> {
  return { ...viewOf(await sampleState()).shown!, allocators: preview ? undefined : allocators, preview };
}

async function rendered(...allocators: AllocatorView[]): Promise<HTMLElement> {
  const block = deviceMemory();
  block.render(await shownWith(allocators));
  return block.element;
}

describe('the memory of the devices', () => {
  it('shows requested, allocated, reserved and, with the context, what nvidia-smi shows, each explained', async () => {
    const element = await rendered(view);
    const names = [...element.querySelectorAll('dt')];
    expect(names.map((name) => name.textContent)).toEqual([
      'requested',
      'allocated',
      'reserved',
      'in nvidia-smi',
    ]);
    expect([...element.querySelectorAll('dd')].map((value) => value.textContent)).toEqual([
      '12.0 GiB',
      '13.0 GiB',
      '15.0 GiB',
      '15.5 GiB ± 128 MiB',
    ]);
    expect(names.map((name) => name.title)).toEqual([
      expect.stringContaining('in backward: h.3'),
      expect.stringContaining('max_memory_allocated'),
      expect.stringContaining('at the start of the step'),
      expect.stringContaining('512 MiB of CUDA context'),
    ]);
    expect(element.textContent).toContain("Fits into the device's 24.0 GiB.");
    expect(element.textContent).toContain('Not counted: cuDNN workspaces.');
  });

  it('does not say of a plan over its budget that it fits', async () => {
    const block = deviceMemory();
    block.render({ ...(await shownWith([view])), fits: false });
    expect(block.element.textContent).toContain("Over the budget; the device's 24.0 GiB would hold it.");
    expect(block.element.textContent).not.toContain('Fits');
  });

  it('draws the parts to the scale of the device', async () => {
    const bar = (await rendered(view)).querySelector<HTMLElement>('.usage-bar')!;
    expect([...bar.querySelectorAll('span')].map(({ style }) => style.width)).toEqual([
      '50%',
      '12.5%',
      expect.stringMatching(/^2\.08/),
    ]);
    expect(bar.getAttribute('aria-label')).toContain('cached 3.00 GiB');
    expect(bar.classList.contains('is-over')).toBe(false);
  });

  it('leaves the context out when it is not counted', async () => {
    const element = await rendered({ ...view, contextBytes: 0, totalBytes: 15 * gib });
    expect(element.textContent).not.toContain('nvidia-smi');
    expect(element.querySelectorAll('dt')).toHaveLength(3);
  });

  it('says where memory runs out', async () => {
    const over = { ...view, memoryBytes: 8 * gib, fit: 'out-of-memory' } as const;
    const element = await rendered({ ...over, outOfMemory: { ...moment, step: 'first' } });
    expect(element.querySelector('.tone-error')?.textContent).toBe('Runs out of 8.00 GiB in backward: h.3.');
    expect(element.querySelector('.usage-bar.is-over')).not.toBeNull();
  });

  it('warns when only giving cached memory back saves it', async () => {
    const element = await rendered({ ...view, fit: 'fits-after-retries' });
    expect(element.querySelector('.tone-warning')?.textContent).toContain('giving cached memory back');
  });

  it('names devices where there are several', async () => {
    const element = await rendered(view, { ...view, device: 'gpu1', name: 'T4' });
    const titles = [...element.querySelectorAll('h3')].map((title) => title.textContent);
    expect(titles).toEqual(['Memory of gpu0 · RTX 4090', 'Memory of gpu1 · T4']);
  });

  it('keeps the last numbers, dimmed, while a preview is shown', async () => {
    const block = deviceMemory();
    block.render(await shownWith([view]));
    const before = block.element.textContent;
    block.render(await shownWith([], true));
    expect(block.element.textContent).toBe(before);
    expect(block.element.classList.contains('is-waiting')).toBe(true);
    block.render(await shownWith([]));
    expect(block.element.textContent).toBe('');
    expect(block.element.classList.contains('is-waiting')).toBe(false);
  });
});
