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
      `Training at batch 1, seq 1024 needs ${peak}; the RTX 4090 has 24.0 GiB: fits, ${headroom} headroom. ` +
        'Nothing is recomputed. Peak: cross-entropy.',
    );
  });

  const onDevice = async (totalGiB: number, fit: AllocatorView['fit'] = 'fits') => {
    const host = await sampleState();
    const view = {
      ...{ device: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * gib, fit, totalBytes: totalGiB * gib },
      ...{ contextBytes: 0.5 * gib, contextToleranceBytes: 0.25 * gib },
    };
    const allocators = [view] as unknown as readonly AllocatorView[];
    return sentence(viewOf({ ...host, plan: { ...host.plan!, allocators } }));
  };

  it('measures the headroom by what nvidia-smi shows', async () => {
    const phrases = await onDevice(22);
    const verdict = phrases.find(({ tone }) => tone === 'good');
    expect(phrases[0].text).toMatch(/; the RTX 4090 has 24\.0 GiB \(22\.0 GiB in nvidia-smi\):$/);
    expect(verdict?.text).toBe('fits, 2.00 GiB headroom.');
  });

  it('says that a plan just fits where the context decides, and where cached memory is given back', async () => {
    for (const phrases of [await onDevice(23.9), await onDevice(23, 'fits-after-retries')]) {
      expect(phrases.some(({ tone }) => tone === 'good')).toBe(false);
      expect(phrases.find(({ tone }) => tone === 'warning')?.text).toMatch(/^just fits/);
      expect(phrases.some(({ opens }) => opens === 'goals')).toBe(true);
    }
  });

  it('calls nothing fitting before the device has been looked at', async () => {
    const phrases = sentence(viewOf(await sampleState(), { dragBudgetBytes: 6.5 * gib }));
    expect(phrases.some(({ tone }) => tone !== undefined)).toBe(false);
    expect(phrases.map((phrase) => phrase.text).join(' ')).toContain('within the budget');
  });

  it('says what a plan under a smaller budget costs', async () => {
    const told = text(viewOf(await sampleState({ budgetBytes: 4.5 * gib })));
    expect(told).toMatch(
      /needs .* GiB; the budget is 4\.50 GiB of the RTX 4090's 24\.0 GiB\. This plan peaks at .* GiB: fits/,
    );
    expect(told).toMatch(/step \+\d/);
  });

  it('warns when what fits the budget does not fit the device', async () => {
    const phrases = await onDevice(25.3, 'out-of-memory');
    expect(phrases.find(({ tone }) => tone === 'error')?.text).toMatch(
      /^does not fit: it takes 25\.3 GiB .*, more than the RTX 4090 has\.$/,
    );
    expect(
      phrases.some(({ tone }) => tone === 'good'),
      'nothing is called good beside it',
    ).toBe(false);
    expect(phrases.at(-1)).toMatchObject({ opens: 'goals' });
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
