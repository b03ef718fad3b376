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

  const context = { contextBytes: 0.5 * gib, contextToleranceBytes: 0.25 * gib };
  const onDevice = async (
    totalGiB: number,
    fit: AllocatorView['fit'] = 'fits',
    others: readonly object[] = [],
  ) => {
    const host = await sampleState();
    const view = { device: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * gib, fit, totalBytes: totalGiB * gib };
    const allocators = [{ ...view, ...context }, ...others] as unknown as readonly AllocatorView[];
    return sentence(viewOf({ ...host, plan: { ...host.plan!, allocators } }));
  };
  const second = { device: 'gpu1', name: 'T4', memoryBytes: 16 * gib, fit: 'fits', ...context };

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

  it('tells of the first device while others fit as well, and names another one that does not', async () => {
    const fits = await onDevice(10, 'fits', [{ ...second, totalBytes: 15 * gib }]);
    expect(fits[0].text).toMatch(/\(10\.0 GiB in nvidia-smi\):$/);
    expect(fits[1].text).toBe('fits, 14.0 GiB headroom.');
    const just = await onDevice(10, 'fits', [{ ...second, totalBytes: 15.9 * gib }]);
    expect(just[0].text).toMatch(/\(15\.9 GiB in nvidia-smi on the T4\):$/);
    expect(just[1]).toMatchObject({ tone: 'warning' });
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
