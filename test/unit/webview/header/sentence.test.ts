import { describe, expect, it } from 'vitest';
import { formatMemory } from '../../../../planner-core/base/format';
import type { AllocatorView } from '../../../../planner-core/session/allocatorView';
import { sentence } from '../../../../webview/header/sentence';
import { gib, sampleState, viewOf } from '../support/sample';

const text = (view: Parameters<typeof sentence>[0]): string =>
  sentence(view)
    .map((phrase) => phrase.text)
    .join(' ');

describe('the sentence', () => {
  it('says that everything fits', async () => {
    const host = await sampleState();
    const peak = formatMemory(host.step?.keepAllPeakBytes ?? 0);
    const headroom = formatMemory(24 * gib - (host.step?.keepAllPeakBytes ?? 0));
    expect(text(viewOf(host))).toBe(
      `Training at batch 1, seq 1024 needs ${peak} on the RTX 4090; 24.0 GiB are usable: fits, ${headroom} headroom. ` +
        'Nothing is recomputed. Peak: cross-entropy.',
    );
  });

  it('takes the CUDA context off what is usable, and the headroom with it', async () => {
    const host = await sampleState();
    const allocators = [
      { device: 'gpu0', name: 'RTX 4090', contextBytes: 0.5 * gib, totalBytes: 8 * gib, fit: 'fits' },
    ] as unknown as readonly AllocatorView[];
    const told = text(viewOf({ ...host, plan: { ...host.plan!, allocators } }));
    const left = formatMemory(23.5 * gib - (host.step?.keepAllPeakBytes ?? 0));
    expect(told).toContain(`23.5 GiB are usable: fits, ${left} headroom.`);
  });

  it('says what a plan under a smaller budget costs', async () => {
    const told = text(viewOf(await sampleState({ budgetBytes: 4.5 * gib })));
    expect(told).toMatch(
      /needs .* GiB; the budget is 4\.50 GiB of the RTX 4090's 24\.0 GiB\. This plan peaks at .* GiB: fits/,
    );
    expect(told).toMatch(/step \+\d/);
  });

  it('warns when what fits the budget does not fit the device', async () => {
    const host = await sampleState();
    const allocators = [
      { name: 'RTX 4090', totalBytes: 25.3 * gib, fit: 'out-of-memory' },
    ] as unknown as readonly AllocatorView[];
    const phrases = sentence(viewOf({ ...host, plan: { ...host.plan!, allocators } }));
    expect(phrases.find(({ tone }) => tone === 'error')?.text).toMatch(
      /^within the budget, but it takes 25\.3 GiB .*, more than the RTX 4090 has\.$/,
    );
    expect(
      phrases.some(({ tone }) => tone === 'good'),
      'nothing is called good beside it',
    ).toBe(false);
    expect(phrases.at(-1)).toMatchObject({ opens: 'goals' });
    expect(sentence(viewOf(host)).some(({ tone }) => tone === 'error')).toBe(false);
  });

  it("repeats the host's reason when nothing fits, as an error", async () => {
    const phrases = sentence(viewOf(await sampleState({ budgetBytes: 1 * gib })));
    const reason = phrases.find(({ tone }) => tone === 'error');
    expect(reason?.text).toContain('No plan fits');
    expect(phrases.at(-1)).toMatchObject({ opens: 'goals' });
  });

  it('gives the proven floor while the slider is below the frontier', async () => {
    const view = viewOf(await sampleState(), { dragBudgetBytes: 1 * gib });
    expect(text(view)).toContain('lm_head alone needs');
  });

  it('is empty before there is a plan', async () => {
    expect(sentence(viewOf({ ...(await sampleState()), step: undefined }))).toEqual([]);
  });
});
