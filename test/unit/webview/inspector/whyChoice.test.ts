import { describe, expect, it } from 'vitest';
import { whyChoice } from '../../../../webview/inspector/whyChoice';

const mib = 2 ** 20;
const now = { peakBytes: 900 * mib, stepTimeMs: 100, budgetBytes: 1000 * mib };
const effect = (choice: 'keep' | 'recompute' | 'offload', peakMiB: number, stepTimeMs: number) => ({
  choice,
  peakBytes: peakMiB * mib,
  stepTimeMs,
});

describe('why a layer is decided as it is', () => {
  it('says what each other choice would cost', () => {
    const effects = [effect('keep', 1200, 95), effect('recompute', 900, 100), effect('offload', 880, 130)];
    expect(whyChoice(effects, now, false)).toBe(
      'Keeping it would save 5.00 ms, but exceed the budget by 200 MiB. ' +
        'Offloading it would take 30.0 ms longer for a peak 20.0 MiB lower.',
    );
    expect(whyChoice(effects, now, true)).toMatch(/^You decided this\. Keeping it/);
  });

  it('does not hide a choice that would be better', () => {
    const effects = [effect('keep', 990, 95), effect('recompute', 900, 100), effect('offload', 900, 130)];
    expect(whyChoice(effects, now, false)).toBe(
      'Keeping it would save 5.00 ms for a peak 90.0 MiB higher, which fits. ' +
        'Offloading it would take 30.0 ms longer for the same peak.',
    );
  });

  it('says so where nothing changes, and where layers inside are decided one by one', () => {
    const same = [effect('keep', 900, 100), effect('recompute', 900, 100)];
    expect(whyChoice(same, now, false)).toBe('No choice for it changes the peak or the time of the step.');
    const mixed = [effect('keep', 950, 90), effect('recompute', 800, 110)];
    expect(whyChoice(mixed, now, false)).toBe('What is in it is decided one by one.');
  });
});
